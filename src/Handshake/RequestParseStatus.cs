namespace RawSocketChat.Handshake;

/// <summary>What <see cref="RequestParser.Parse"/> has come to.</summary>
public enum RequestParseStatus
{
    /// <summary>The request head is not complete; all bytes given so far are consumed.</summary>
    NeedMoreData,

    /// <summary>The head is complete: <see cref="RequestParser.Request"/> is valid and the reader stands behind the head.</summary>
    Done,

    /// <summary>The head breaks a rule or a limit: <see cref="RequestParser.Refusal"/> says which.</summary>
    Refused,
}
