using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

using RawSocketChat.Framing;
using RawSocketChat.Sending;

namespace RawSocketChat.Receiving;

/// <summary>
/// The incoming half of a connection: pulls bytes only when somebody asks for a message, and runs that somebody on the thread that
/// received, until it truly waits. What is sent meanwhile is corked. One receive at a time.
/// </summary>
internal sealed class Receiver
    : KeepAlive, IValueTaskSource<bool>, IValueTaskSource<WebSocketMessage>, IAsyncEnumerable<WebSocketMessage>, IAsyncEnumerator<WebSocketMessage>
{
    // Who may read: nobody does (Idle), a caller does (Receiving), closing does, discarding what comes (Discarding), nobody any more (Ended).
    private const byte Idle = 0;
    private const byte Receiving = 1;
    private const byte Discarding = 2;
    private const byte Ended = 3;

    private readonly WebSocketConnection _connection;
    private static readonly Action<object?> InputCame = static self => ((Receiver)self!).OnInput();

    private readonly IInput _input;
    private readonly FrameSender _sender;
    private readonly bool _corks;

    private ManualResetValueTaskSourceCore<bool> _pending;
    private MessageReader? _reader;
    private bool _hasBuffer;
    private bool _inputEnded;
    private bool _lent;
    private bool _pieces;
    private bool _inStream;
    private bool _skipping;
    private bool _discardWhenIdle;
    private bool _hasMoreInput;
    private byte _state;
    private long _lastHeard;

    // Whether the receive looks at the token whose owner tells of it; any other token is beside, for most never have one.
    private bool _underStopping;
    private ReceiveToken? _token;

    // The first loop over the messages needs no object of its own.
    private bool _enumerableGiven;
    private bool _enumerated;
    private bool _enumeratesUnderStopping;

    /// <summary>A receiver for a connection.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="input">Where bytes are received.</param>
    /// <param name="sender">The outgoing half.</param>
    /// <param name="reader">What makes messages of the bytes, where that is the connection's own; else one is rented while there are some.</param>
    /// <param name="corks">Whether what is sent while input is worked through is gathered. Code that blocks would hold it back.</param>
    public Receiver(WebSocketConnection connection, PipeReader input, FrameSender sender, MessageReader? reader, bool corks)
    {
        _corks = corks;
        _connection = connection;
        _input = input as IInput ?? new ForeignInput(input);
        _sender = sender;
        _reader = reader;
        _lastHeard = connection.TimeProvider.GetTimestamp();
    }

    private enum Outcome
    {
        Pending,
        Received,
        Canceled,
        Ended,
    }

    /// <inheritdoc/>
    public override long LastHeard => Volatile.Read(ref _lastHeard);

    /// <summary>Whether bytes have come behind the message that was received last, so that the next one is likely to be there. For any thread.</summary>
    public bool HasMoreInput => Volatile.Read(ref _hasMoreInput);

    /// <inheritdoc/>
    public override bool IsListening => Volatile.Read(ref _state) is Receiving or Discarding;

    /// <summary>The message or piece of the last successful receive, lent until the next one.</summary>
    public WebSocketMessage Message => _reader?.Message ?? default;

    /// <summary>Whether the piece of the last successful receive was its message's last.</summary>
    public bool EndOfMessage { get; private set; }

    /// <summary>Bytes of payload of compressed messages, before and after they were inflated. For any thread.</summary>
    public (long Before, long After) Inflated => _reader?.Inflated ?? default;

    /// <inheritdoc/>
    protected override WebSocketConnection Connection => _connection;

    WebSocketMessage IAsyncEnumerator<WebSocketMessage>.Current => Message;

    // The present receive's. By whoever receives.
    private CancellationToken Cancellation => _underStopping ? _connection.Stopping : _token?.Token ?? default;

    private CancellationToken EnumerationToken => _enumeratesUnderStopping ? _connection.Stopping : default;

    /// <summary>All messages to come, as a sequence that can be enumerated once.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public IAsyncEnumerable<WebSocketMessage> ReadAll(CancellationToken cancellationToken)
    {
        var isTold = cancellationToken.CanBeCanceled && IsToldOf(cancellationToken);
        if ((cancellationToken.CanBeCanceled && !isTold) || Interlocked.Exchange(ref _enumerableGiven, true))
        {
            return new MessageEnumerable(this, cancellationToken);
        }

        _enumeratesUnderStopping = isTold;
        return this;
    }

    /// <summary>Receives the next message, or piece of one.</summary>
    /// <param name="wanted">Which.</param>
    /// <param name="cancellationToken">Ends the wait; what has arrived stays for the next receive.</param>
    /// <param name="isRegistered">Whether the caller calls <see cref="CancelPending"/> itself when the token is cancelled.</param>
    /// <returns>True; false where the connection has ended.</returns>
    public ValueTask<bool> MoveNextAsync(Wanted wanted, CancellationToken cancellationToken, bool isRegistered = false) =>
        Begin(wanted, isRegistered, cancellationToken) switch
        {
            Outcome.Received => new(true),
            Outcome.Ended => new(false),
            Outcome.Canceled => ValueTask.FromCanceled<bool>(cancellationToken),
            _ => Await(out var version) ? new((IValueTaskSource<bool>)this, version) : default,
        };

    /// <summary>Receives the next message.</summary>
    /// <param name="cancellationToken">Ends the wait; what has arrived stays for the next receive.</param>
    /// <returns>The message; fails where the connection has ended.</returns>
    public ValueTask<WebSocketMessage> ReceiveAsync(CancellationToken cancellationToken) =>
        Begin(Wanted.Message, isRegistered: false, cancellationToken) switch
        {
            Outcome.Received => new(Message),
            Outcome.Ended => ValueTask.FromException<WebSocketMessage>(_connection.ClosedException()),
            Outcome.Canceled => ValueTask.FromCanceled<WebSocketMessage>(cancellationToken),
            _ => Await(out var version) ? new((IValueTaskSource<WebSocketMessage>)this, version) : default,
        };

    /// <summary>Whether the owner of that token calls <see cref="CancelPending"/> when it is cancelled.</summary>
    public bool IsToldOf(CancellationToken token) => token == _connection.Stopping;

    /// <summary>Wakes the receive that is pending so that it looks at its token.</summary>
    public void CancelPending()
    {
        if (Volatile.Read(ref _state) == Receiving)
        {
            _connection.Transport.Input.CancelPendingRead();
        }
    }

    /// <summary>
    /// The message that is being read as a stream is not wanted any more: the next receive skips what is left of it. Without effect while a
    /// receive is pending.
    /// </summary>
    public void AbandonStream()
    {
        if (Interlocked.CompareExchange(ref _state, Receiving, Idle) == Idle)
        {
            _skipping |= _inStream;
            _inStream = false;
            BackToIdle();
        }
    }

    /// <summary>
    /// Reads on in place of the user, discarding messages, until the connection has ended: at once, or when the receive that is pending has
    /// got its message. A message that is lent out stays intact.
    /// </summary>
    public void DiscardUntilEnded()
    {
        Volatile.Write(ref _discardWhenIdle, true);
        if (Interlocked.CompareExchange(ref _state, Discarding, Idle) != Idle)
        {
            return;
        }

        if (!TryDetach())
        {
            return;
        }

        if (Thread.CurrentThread.IsThreadPoolThread || EpollLoop.IsAnyCurrent)
        {
            Discard();
            return;
        }

        // These threads a reader leaves to others now and then; one of the caller's own it would keep for as long as the peer sends.
        ThreadPool.UnsafeQueueUserWorkItem(static self => self.Discard(), this, preferLocal: false);
    }

    /// <summary>Makes sure that nobody reads any more, now that the connection has ended.</summary>
    public Task EndAsync()
    {
        var ended = _connection.Closing.WaitForReadingEnded();
        SignalEnd();
        return ended.Task;
    }

    /// <summary>Gives back what is held. Only after <see cref="EndAsync"/>.</summary>
    public void Dispose() => _reader?.Dispose();

    bool IValueTaskSource<bool>.GetResult(short token) => _pending.GetResult(token);

    WebSocketMessage IValueTaskSource<WebSocketMessage>.GetResult(short token) =>
        _pending.GetResult(token) ? Message : throw _connection.ClosedException();

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _pending.GetStatus(token);

    ValueTaskSourceStatus IValueTaskSource<WebSocketMessage>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource<WebSocketMessage>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    IAsyncEnumerator<WebSocketMessage> IAsyncEnumerable<WebSocketMessage>.GetAsyncEnumerator(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _enumerated, true))
        {
            throw MessageEnumerable.EnumeratedTwice();
        }

        return !cancellationToken.CanBeCanceled || cancellationToken == EnumerationToken
            ? this
            : new MessageEnumerable(this, EnumerationToken).GetAsyncEnumerator(cancellationToken);
    }

    ValueTask<bool> IAsyncEnumerator<WebSocketMessage>.MoveNextAsync() => MoveNextAsync(Wanted.Message, EnumerationToken, isRegistered: true);

    ValueTask IAsyncDisposable.DisposeAsync() => default;

    private Outcome Begin(Wanted wanted, bool isRegistered, CancellationToken cancellationToken)
    {
        switch (Interlocked.CompareExchange(ref _state, Receiving, Idle))
        {
            case Receiving:
                throw new InvalidOperationException("Another receive on this connection is pending: its messages are received one at a time.");
            case Discarding or Ended:
                return Outcome.Ended;
        }

        if (_inStream && wanted != Wanted.NextPiece)
        {
            BackToIdle();
            throw new InvalidOperationException("A message is being read as a stream: read it to its end, or dispose the stream, first.");
        }

        _pieces = wanted != Wanted.Message;
        _lent = false;
        _underStopping = IsToldOf(cancellationToken);
        if (!_underStopping && (cancellationToken.CanBeCanceled || _token is not null))
        {
            (_token ??= new()).Token = cancellationToken;
        }

        // Looked at now, not before: a cancellation that came while nobody was receiving woke nobody.
        var outcome = cancellationToken.IsCancellationRequested ? Outcome.Canceled : Run();
        if (outcome == Outcome.Pending)
        {
            _pending.Reset();
            if (cancellationToken.CanBeCanceled && !isRegistered && !_underStopping)
            {
                _token!.Registration = cancellationToken.UnsafeRegister(static state => ((Receiver)state!).CancelPending(), this);
            }
        }
        else
        {
            Release(outcome);
        }

        return outcome;
    }

    // The version is taken before the read can complete: from then on the next receive may have begun.
    private bool Await(out short version)
    {
        version = _pending.Version;
        _input.OnRead(InputCame, this);
        return true;
    }

    // False where that has failed, which ends the connection.
    private bool TryDetach()
    {
        try
        {
            if (_lent)
            {
                _connection.Transport.DetachInput();
                _reader!.Detach();
            }

            return true;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Release(Lose(failure));
            return false;
        }
    }

    private void Discard()
    {
        _pieces = true;
        Outcome outcome;
        do
        {
            outcome = Run();
        }
        while (outcome == Outcome.Received);

        if (outcome == Outcome.Pending)
        {
            _input.OnRead(InputCame, this);
        }
        else
        {
            Release(outcome);
        }
    }

    // On the thread that received.
    private void OnInput()
    {
        FrameSender? outer = null;
        var cork = _corks ? Cork.Begin(_sender, out outer) : null;
        try
        {
            var outcome = Run(inputIsThere: true);
            if (_state == Discarding)
            {
                OnDiscarded(outcome);
            }
            else if (outcome == Outcome.Pending)
            {
                _input.OnRead(InputCame, this);
            }
            else
            {
                Complete(outcome);
            }
        }
        finally
        {
            // One's own answers do not wait for what else the thread has to do.
            _sender.FlushCorked();
            cork?.End(outer);
        }
    }

    private void OnDiscarded(Outcome outcome)
    {
        switch (outcome)
        {
            case Outcome.Pending:
                _input.OnRead(InputCame, this);
                break;
            case Outcome.Received:
                Discard();
                break;
            default:
                Release(outcome);
                break;
        }
    }

    private void Complete(Outcome outcome)
    {
        var token = Cancellation;
        _token?.End();
        Release(outcome);
        switch (outcome)
        {
            case Outcome.Received:
                _pending.SetResult(true);
                break;
            case Outcome.Canceled:
                _pending.SetException(new OperationCanceledException(token));
                break;
            default:
                _pending.SetResult(false);
                break;
        }
    }

    // From here on the next receive may begin.
    private void Release(Outcome outcome)
    {
        if (outcome == Outcome.Ended)
        {
            Interlocked.Exchange(ref _state, Ended);
            _connection.WhenReadingEnded?.TrySetResult();
            return;
        }

        _lent = outcome == Outcome.Received;
        if (_lent)
        {
            // Kept here: from now on the reader may be told to read on. Where it is told so already, nobody has seen the message yet, and it
            // gets memory of its own.
            _lent = !Volatile.Read(ref _discardWhenIdle);
            var reader = _reader!;
            reader.Message = new(reader.Type, _lent ? reader.Payload : reader.Payload.ToArray());
            EndOfMessage = reader.EndOfMessage;
            Volatile.Write(ref _hasMoreInput, !reader.Input.IsEmpty);
            _inStream = _pieces && !EndOfMessage;
        }

        BackToIdle();
        if (outcome == Outcome.Canceled && _connection.IsCloseSent)
        {
            // Nobody may come back to read the peer's answer.
            DiscardUntilEnded();
        }
    }

    // Does what was asked for meanwhile of whoever holds the right to read.
    private void BackToIdle()
    {
        Interlocked.Exchange(ref _state, Idle);
        if (Volatile.Read(ref _discardWhenIdle))
        {
            DiscardUntilEnded();
        }

        if (_connection.WhenReadingEnded is not null)
        {
            SignalEnd();
        }
    }

    private void SignalEnd()
    {
        if (Interlocked.CompareExchange(ref _state, Ended, Idle) is Idle or Ended)
        {
            _connection.WhenReadingEnded!.TrySetResult();
        }
    }

    // Whatever goes wrong here ends this connection: on the thread that received nobody above could catch it, and a caller's receive would
    // keep the right to read for ever.
    private Outcome Run(bool inputIsThere = false)
    {
        try
        {
            var outcome = inputIsThere ? Take(_input.GetRead()) : Outcome.Received;
            return outcome == Outcome.Received ? WorkThrough() : outcome;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return Lose(failure);
        }
    }

    // Works through what is there, and reads on where that is not enough.
    private Outcome WorkThrough()
    {
        while (true)
        {
            if (_hasBuffer && Parse() is { } parsed)
            {
                return parsed;
            }

            // What was answered to one received buffer goes out in one write at its end.
            _sender.FlushCorked();
            Cork.FlushOutermost();
            var read = _input.ReadAsync();
            if (!read.IsCompleted)
            {
                Rest();
                return Outcome.Pending;
            }

            var outcome = Take(read.GetAwaiter().GetResult());
            if (outcome is Outcome.Canceled or Outcome.Ended)
            {
                return outcome;
            }
        }
    }

    // While the connection waits for its next message, others on this thread use the reader: an idle one is to be small, and what all of them
    // use stays in the processor's cache. Where reading goes on in place of the user, a message may still be lent out.
    private void Rest()
    {
        if (_reader is { IsAtRest: true } reader && _state == Receiving)
        {
            _reader = null;
            MessageReader.Return(reader);
        }
    }

    // Null: more is needed, and the buffer has been given back.
    private Outcome? Parse()
    {
        var reader = _reader!;
        while (true)
        {
            switch (reader.Read(ref reader.Input, _pieces || _skipping))
            {
                case ReadEvent.Piece when _skipping:
                    _skipping = !reader.EndOfMessage;
                    break;
                case ReadEvent.Message or ReadEvent.Piece:
                    return Outcome.Received;
                case ReadEvent.Ping:
                    // RFC 6455 §5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it
                    // already received a Close frame."
                    _sender.SendControl(Opcode.Pong, reader.Payload.Span);
                    break;
                case ReadEvent.Pong:
                    break;
                case ReadEvent.Close:
                    // Looked at already: no rule is broken.
                    ClosePayload.Read(reader.Payload.Span, out var status, out var reason);
                    GiveBack();
                    _connection.OnCloseReceived(status, reason);
                    return Outcome.Ended;
                case ReadEvent.Violation:
                    GiveBack();
                    _connection.OnViolation(reader.Violation!);
                    return Outcome.Ended;
                default:
                    _hasBuffer = false;
                    _connection.Transport.Input.AdvanceTo(reader.Input.Start, reader.Input.End);
                    reader.Input = default;
                    return _inputEnded ? Lose(null) : null;
            }
        }
    }

    // Takes the read that has completed. Received means that there is a buffer, or that the read is to be repeated.
    private Outcome Take(in ReadResult result)
    {
        if (result.IsCanceled)
        {
            _connection.Transport.Input.AdvanceTo(result.Buffer.Start);
            return _connection.Closure is not null ? Lose(null)
                : _state == Receiving && Cancellation.IsCancellationRequested ? Outcome.Canceled
                : Outcome.Received;
        }

        _reader ??= MessageReader.Rent(_connection.Role, _connection.Options);
        _reader.Input = result.Buffer;
        _hasBuffer = true;
        _inputEnded = result.IsCompleted;
        if (!result.Buffer.IsEmpty)
        {
            Volatile.Write(ref _lastHeard, _connection.TimeProvider.GetTimestamp());
        }

        return Outcome.Received;
    }

    private Outcome Lose(Exception? failure)
    {
        _connection.OnInputEnded(failure);
        return Outcome.Ended;
    }

    // Nothing that follows is looked at.
    private void GiveBack()
    {
        _hasBuffer = false;
        _connection.Transport.Input.AdvanceTo(_reader!.Input.End);
        _reader.Input = default;
    }
}
