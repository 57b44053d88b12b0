namespace RawSocketChat.Benchmarks.Micro.Handshake;

/// <summary>Whose upgrade request it is.</summary>
public enum RequestKind
{
    /// <summary>Nothing that is optional.</summary>
    Smallest,

    /// <summary>What a browser sends, a cookie and an origin among it.</summary>
    Browser,
}
