using System.Net.WebSockets;

namespace RawSocketChat.Reconnecting;

/// <summary>
/// Decides for each message whether it goes to the connection at once, waits, or is refused; and keeps the order: as long as one waits, none
/// goes past it.
/// </summary>
internal sealed class OutgoingQueue(int capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<QueuedMessage> _waiting = [];
    private WebSocketConnection? _connection;
    private bool _handing;
    private ReconnectCause? _cause;
    private bool _ended;

    /// <summary>The connection that a message may go to at once; null where there is none or others wait.</summary>
    public WebSocketConnection? Direct
    {
        get
        {
            lock (_gate)
            {
                return _handing ? null : _connection;
            }
        }
    }

    /// <summary>Sends, waits, or refuses.</summary>
    /// <param name="message">The message.</param>
    /// <param name="mayWait">Whether the caller is none that the next connection waits for.</param>
    /// <param name="cancellationToken">Takes the message back while it waits.</param>
    /// <exception cref="NotConnectedException">There is no connection, and no room to wait.</exception>
    /// <exception cref="InvalidOperationException">The message would have to wait, and must not.</exception>
    public ValueTask SendAsync(OutgoingMessage message, bool mayWait, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        WebSocketConnection? connection;
        LinkedListNode<QueuedMessage>? place = null;
        lock (_gate)
        {
            connection = _handing || !Takes(_connection) ? null : _connection;
            if (connection is null && !_ended && _waiting.Count < capacity)
            {
                if (!mayWait)
                {
                    return ValueTask.FromException(new InvalidOperationException(
                        $"{nameof(ReconnectOptions.OnStateChanged)} is waited for before messages go out: send on the status's connection."));
                }

                place = _waiting.AddLast(new QueuedMessage(message, cancellationToken));
            }
        }

        if (connection is not null)
        {
            return message.SendToAsync(connection, cancellationToken);
        }

        return place is null ? ValueTask.FromException(Refusal()) : new(WaitAsync(place));
    }

    /// <summary>There is a connection: what waits is handed to it first, in order.</summary>
    public void Open(WebSocketConnection connection)
    {
        lock (_gate)
        {
            _connection = connection;
            _handing = _waiting.Count > 0;
            if (!_handing)
            {
                return;
            }
        }

        _ = HandOverAsync(connection);
    }

    /// <summary>There is none any more; what waits goes on waiting.</summary>
    public void Close(ReconnectCause? cause)
    {
        lock (_gate)
        {
            (_connection, _handing, _cause) = (null, false, cause);
        }
    }

    /// <summary>There will be none any more: each sender that waits is told that its message was not sent.</summary>
    public void End(ReconnectCause? cause)
    {
        QueuedMessage[] lost;
        lock (_gate)
        {
            (_connection, _handing, _cause, _ended) = (null, false, cause, true);
            lost = [.. _waiting];
            _waiting.Clear();
        }

        foreach (var message in lost)
        {
            message.Fail(Refusal());
        }
    }

    // One that is closing takes no more, though that it has ended is told a moment later.
    private static bool Takes(WebSocketConnection? connection) => connection is { State: WebSocketState.Open, CloseStatus: null };

    private async Task HandOverAsync(WebSocketConnection connection)
    {
        while (true)
        {
            QueuedMessage next;
            lock (_gate)
            {
                if (_connection != connection || !Takes(connection))
                {
                    // It has ended, told or not; what still waits was not handed to it, and is for the next one. Nothing goes past it until then.
                    return;
                }

                if (_waiting.First is not { } first)
                {
                    _handing = false;
                    return;
                }

                next = first.Value;
                _waiting.RemoveFirst();
            }

            await next.HandToAsync(connection).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(LinkedListNode<QueuedMessage> place)
    {
        var token = place.Value.CancellationToken;
        using var cancel = token.UnsafeRegister(_ => Withdraw(place), null);
        await place.Value.Handed.ConfigureAwait(false);
    }

    private void Withdraw(LinkedListNode<QueuedMessage> place)
    {
        lock (_gate)
        {
            if (place.List is null)
            {
                // It is being handed over: its token ends that as far as it can.
                return;
            }

            _waiting.Remove(place);
        }

        place.Value.Cancel();
    }

    private NotConnectedException Refusal()
    {
        lock (_gate)
        {
            return new(
                _ended ? "The client has ended: the message was not sent."
                : capacity == 0 ? "There is no connection at present: the message was not sent."
                : $"There is no connection at present, and {capacity} messages wait already: the message was not sent.",
                _cause);
        }
    }
}
