namespace RawSocketChat;

/// <summary>Which end ended a connection.</summary>
public enum CloseInitiator
{
    /// <summary>This end.</summary>
    Local,

    /// <summary>The peer.</summary>
    Remote,
}
