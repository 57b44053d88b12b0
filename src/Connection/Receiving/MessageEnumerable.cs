namespace RawSocketChat.Receiving;

/// <summary>
/// The messages of a connection as an asynchronous sequence, where the receiver is not that itself. One object for a whole loop: a step
/// allocates nothing, and the token is registered once, not once a message, and not at all where its owner tells of it.
/// </summary>
internal sealed class MessageEnumerable(Receiver receiver, CancellationToken cancellationToken)
    : IAsyncEnumerable<WebSocketMessage>, IAsyncEnumerator<WebSocketMessage>
{
    private CancellationToken _token = cancellationToken;
    private Registration? _registration;
    private int _started;

    /// <inheritdoc/>
    public WebSocketMessage Current => receiver.Message;

    /// <summary>What a second enumeration throws.</summary>
    public static InvalidOperationException EnumeratedTwice() => new("The messages can be enumerated once; call ReadAllAsync again.");

    /// <inheritdoc/>
    public IAsyncEnumerator<WebSocketMessage> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw EnumeratedTwice();
        }

        CancellationTokenSource? linked = null;
        if (cancellationToken.CanBeCanceled && cancellationToken != _token)
        {
            linked = CancellationTokenSource.CreateLinkedTokenSource(_token, cancellationToken);
            _token = linked.Token;
        }

        if (_token.CanBeCanceled && !receiver.IsToldOf(_token))
        {
            _registration = new(linked, _token.UnsafeRegister(static state => ((Receiver)state!).CancelPending(), receiver));
        }

        return this;
    }

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync() => receiver.MoveNextAsync(Wanted.Message, _token, isRegistered: true);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _registration?.End();
        return default;
    }

    // Beside, for most need none.
    private sealed class Registration(CancellationTokenSource? linked, CancellationTokenRegistration registration)
    {
        public void End()
        {
            registration.Unregister();
            linked?.Dispose();
        }
    }
}
