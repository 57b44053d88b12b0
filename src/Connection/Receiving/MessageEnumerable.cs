namespace RawSocketChat.Receiving;

/// <summary>
/// The messages of a connection as an asynchronous sequence. One object for a whole loop: a step allocates nothing, and the token is
/// looked after once, not once a message.
/// </summary>
internal sealed class MessageEnumerable(Receiver receiver, CancellationToken cancellationToken)
    : IAsyncEnumerable<WebSocketMessage>, IAsyncEnumerator<WebSocketMessage>
{
    private CancellationToken _token = cancellationToken;
    private CancellationTokenSource? _linked;
    private int _started;

    /// <summary>The loop before among those with the same token. <see cref="Cancellation"/>'s.</summary>
    public MessageEnumerable? Previous { get; set; }

    /// <summary>The one behind. <see cref="Cancellation"/>'s.</summary>
    public MessageEnumerable? Next { get; set; }

    /// <inheritdoc/>
    public WebSocketMessage Current => receiver.Message;

    /// <inheritdoc/>
    public IAsyncEnumerator<WebSocketMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("The messages can be enumerated once; call ReadAllAsync again.");
        }

        if (cancellationToken.CanBeCanceled && cancellationToken != _token)
        {
            _linked = CancellationTokenSource.CreateLinkedTokenSource(_token, cancellationToken);
            _token = _linked.Token;
        }

        Cancellation.Join(this, _token);
        return this;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync() => receiver.MoveNextAsync(Wanted.Message, _token, isRegistered: true);

    /// <summary>Has the receive that is pending look at its token.</summary>
    public void Wake() => receiver.CancelPending();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Cancellation.Leave(this, _token);
        _linked?.Dispose();
        return default;
    }
}
