namespace RawSocketChat;

/// <summary>Where a <see cref="ReconnectingWebSocketClient"/> is.</summary>
public enum ReconnectState
{
    /// <summary>It has not been started.</summary>
    Idle,

    /// <summary>An attempt to connect is under way.</summary>
    Connecting,

    /// <summary>There is a connection.</summary>
    Open,

    /// <summary>There is none; the next attempt follows after a delay.</summary>
    Waiting,

    /// <summary>There is none, and there will be none.</summary>
    Ended,
}
