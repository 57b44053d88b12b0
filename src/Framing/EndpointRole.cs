namespace RawSocketChat.Framing;

/// <summary>Which end of a WebSocket connection this program is. RFC 6455 §5.1 gives the two ends different duties.</summary>
public enum EndpointRole
{
    /// <summary>The end that accepted the connection: receives masked frames, sends unmasked ones.</summary>
    Server,

    /// <summary>The end that opened the connection: receives unmasked frames, sends masked ones.</summary>
    Client,
}
