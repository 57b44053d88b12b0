namespace RawSocketChat.Samples;

/// <summary>The program cannot do what its switches ask for; the message is one line that names the switch.</summary>
internal sealed class SwitchException(string message) : Exception(message);
