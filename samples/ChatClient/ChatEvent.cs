namespace ChatClient;

/// <summary>One message of the server. Its texts are as they came: whoever shows them makes them fit first.</summary>
/// <param name="Kind">What it tells.</param>
/// <param name="From">Who speaks.</param>
/// <param name="Text">The text.</param>
/// <param name="Time">When, by the server's clock; null where it does not say.</param>
/// <param name="IsOwn">Whether it is what this client has said.</param>
internal sealed record ChatEvent(ChatEventKind Kind, string From, string Text, DateTimeOffset? Time, bool IsOwn)
{
    /// <summary>Whom it is about, which never changes with a name; null where it does not say.</summary>
    public long? MemberId { get; init; }

    /// <summary>The name of that member from now on, in a welcome one's own; null where it does not say.</summary>
    public string? MemberName { get; init; }

    /// <summary>In a welcome, the names of those who are here.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>In a welcome, how many are here, those without a name in <see cref="Members"/> included.</summary>
    public long Count { get; init; }
}
