namespace RawSocketChat.Interop.Tests.Support;

/// <summary>One thing a client does. The scripts in <c>clients/</c> know the same verbs.</summary>
public sealed record ClientStep(string Do)
{
    public string? Text { get; init; }

    public int? Bytes { get; init; }

    /// <summary>What the bytes are: see <see cref="Pattern.Bytes"/>.</summary>
    public string? Kind { get; init; }

    public int? Size { get; init; }

    public int? Count { get; init; }

    public int? Code { get; init; }

    public string? Reason { get; init; }

    public static ClientStep Send(string text) => new("send") { Text = text };

    public static ClientStep Send(int bytes, string kind = "pattern") => new("send") { Bytes = bytes, Kind = kind };

    /// <summary>One message in frames of that many bytes (of characters, where a client cuts text only between them).</summary>
    public static ClientStep SendFragments(string text, int size) => new("sendFragments") { Text = text, Size = size };

    public static ClientStep SendFragments(int bytes, int size, string kind = "pattern") =>
        new("sendFragments") { Bytes = bytes, Size = size, Kind = kind };

    public static ClientStep Receive(int count = 1) => new("receive") { Count = count };

    /// <summary>Sends that many messages without waiting for an answer, then receives as many.</summary>
    public static ClientStep Burst(int count) => new("burst") { Count = count };

    public static ClientStep Ping(string text) => new("ping") { Text = text };

    public static ClientStep AwaitPings(int count) => new("awaitPings") { Count = count };

    public static ClientStep Close(int code, string reason = "") => new("close") { Code = code, Reason = reason };

    public static ClientStep AwaitClose() => new("awaitClose");
}
