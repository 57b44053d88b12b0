namespace RawSocketChat.Samples;

/// <summary>The chat's limits, in one place: the page mirrors them, as any client must that warns before it sends.</summary>
internal static class ChatRules
{
    /// <summary>Bytes of UTF-8 in one text, after JSON's escapes are undone: 4 KiB are some 1300 Chinese characters.</summary>
    public const int MaxTextBytes = 4096;

    /// <summary>
    /// Characters in a nickname after trimming, counted as Unicode code points: the one count that C#, JavaScript and every
    /// other client agree on. UTF-16 units would give an emoji two; text elements depend on the Unicode version at hand and
    /// have no bound in bytes. A code point has at most 4 bytes, so a nickname has at most 128.
    /// </summary>
    public const int MaxNameLength = 32;

    /// <summary>Messages of one client that are heard in any <see cref="RateWindow"/>, whatever they contain.</summary>
    public const int MaxMessagesPerWindow = 20;

    /// <summary>
    /// Refusals that one client is told in any <see cref="RateWindow"/>; the next one ends its connection with 1008.
    /// As many as messages: who writes nonsense at a pace that would be fine for sense only hears what is wrong with it.
    /// </summary>
    public const int MaxRefusalsPerWindow = 20;

    /// <summary>
    /// Names in one welcome. A welcome must fit into its connection's outgoing buffer, which is bounded; the whole number of
    /// people is in <c>count</c>, and whoever comes later is told by a join.
    /// </summary>
    public const int MaxNamesInWelcome = 500;

    public static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(10);
}
