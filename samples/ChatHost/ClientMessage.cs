namespace ChatHost;

/// <summary>What one message of a client asks for, or what is wrong with it: a bad message is a value, never an exception.</summary>
/// <param name="Text">What the client says; null when it only sets its nickname.</param>
/// <param name="Name">The nickname from this message on, trimmed and allowed; null when it stays as it is.</param>
/// <param name="Problem">Why nothing of it counts, in a sentence for the client; null when all is well.</param>
internal readonly record struct ClientMessage(string? Text, string? Name, string? Problem)
{
    public static ClientMessage Bad(string problem) => new(null, null, problem);
}
