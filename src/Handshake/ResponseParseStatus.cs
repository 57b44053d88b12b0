namespace RawSocketChat.Handshake;

/// <summary>What <see cref="ResponseParser.Parse"/> has come to.</summary>
public enum ResponseParseStatus
{
    /// <summary>The response head is not complete; all bytes given so far are consumed.</summary>
    NeedMoreData,

    /// <summary>The head is complete: <see cref="ResponseParser.Response"/> is valid and the reader stands behind the head.</summary>
    Done,

    /// <summary>The head breaks a rule or a limit: <see cref="ResponseParser.Violation"/> says which.</summary>
    Refused,
}
