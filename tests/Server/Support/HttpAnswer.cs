namespace RawSocketChat.Server.Tests.Support;

/// <summary>An HTTP answer as it came from the server.</summary>
internal sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body);
