namespace RawSocketChat;

/// <summary>What compression has saved on a connection so far, in bytes of payload of the messages that were compressed.</summary>
/// <param name="SentBefore">Sent, before they were compressed.</param>
/// <param name="SentAfter">Sent, as they went out. A broadcast that all members share counts for each of them.</param>
/// <param name="ReceivedBefore">Received, as they came.</param>
/// <param name="ReceivedAfter">Received, inflated.</param>
public readonly record struct DeflateCounters(long SentBefore, long SentAfter, long ReceivedBefore, long ReceivedAfter);
