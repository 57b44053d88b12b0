namespace RawSocketChat.Handshake;

/// <summary>
/// What a client asks for in its opening handshake, and against which the answer is judged; checked once when it is made. Immutable; one
/// instance serves any number of connections.
/// </summary>
public sealed class UpgradeOffer
{
    /// <summary>
    /// The subprotocols offered, the preferred one first; none unless set. Tokens, none twice, compared case by case (RFC 6455 §4.1, item 10 of
    /// the request). The list is copied.
    /// </summary>
    /// <exception cref="ArgumentException">An element is not a token, or occurs twice.</exception>
    public IReadOnlyList<string> SubProtocols
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            string[] copy = [.. value];
            SubProtocolList.Validate(copy, nameof(SubProtocols));
            field = copy;
        }
    } = [];

    /// <summary>What is offered of permessage-deflate (RFC 7692); null, the default, where no extension is.</summary>
    public DeflatePolicy? Deflate { get; init; }

    /// <summary>
    /// The Origin field (RFC 6455 §4.1, item 8 of the request), such as <c>https://example.com</c>; null, the default, or empty where there is
    /// none.
    /// </summary>
    /// <exception cref="ArgumentException">The value is not printable ASCII.</exception>
    public string? Origin
    {
        get;
        init => field = value is null || HttpSyntax.IsSendableFieldValue(value)
            ? value
            : throw new ArgumentException("Origin must be printable ASCII, without CR or LF.", nameof(Origin));
    }

    /// <summary>Further header fields, such as Authorization and Cookie, written in this order; none unless set. The list is copied.</summary>
    /// <exception cref="ArgumentException">
    /// A name is not a token or one that the library writes itself (Connection, Content-Length, Host, Origin, Transfer-Encoding, Upgrade,
    /// Sec-WebSocket-Accept, -Extensions, -Key, -Protocol, -Version), or a value is not printable ASCII.
    /// </exception>
    public IReadOnlyList<KeyValuePair<string, string>> Headers
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            KeyValuePair<string, string>[] copy = [.. value];
            AddedHeaders.ValidateInRequest(copy, nameof(Headers));
            field = copy;
        }
    } = [];
}
