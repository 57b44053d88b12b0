namespace RawSocketChat.Handshake;

/// <summary>What came of parsing the bytes of a request so far.</summary>
public enum RequestParseStatus
{
    /// <summary>The head is not whole yet, and nothing in it is wrong.</summary>
    NeedMoreData,

    /// <summary>The head is whole and well-formed.</summary>
    Done,

    /// <summary>The head is malformed or beyond a limit.</summary>
    Refused,
}
