namespace RawSocketChat.Load.Cells;

/// <summary>What a cell does with its connections.</summary>
internal enum CellKind
{
    /// <summary>Messages come back to who sent them.</summary>
    Echo,

    /// <summary>One sends, all get it; a message is a delivery.</summary>
    Broadcast,

    /// <summary>Connections come and go; a message is a connection: connect, upgrade, close.</summary>
    Handshake,

    /// <summary>Connections are open and do nothing.</summary>
    Idle,

    /// <summary>As <see cref="Echo"/>, with compression; what is measured is what the connections hold in memory.</summary>
    DeflateMemory,
}
