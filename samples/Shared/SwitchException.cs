namespace RawSocketChat.Samples;

/// <summary>A switch's value cannot be used; the message names the switch and the value.</summary>
internal sealed class SwitchException(string message) : Exception(message);
