using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;

using RawSocketChat.Adapters;
using RawSocketChat.Compression;
using RawSocketChat.Framing;
using RawSocketChat.Receiving;
using RawSocketChat.Sending;

namespace RawSocketChat;

/// <summary>
/// One WebSocket connection after its handshake, either end of it (RFC 6455 §5 to §7): messages over a <see cref="Transport"/>.
/// </summary>
/// <remarks>
/// <para>Receiving is for one caller at a time, in order; nothing is read before somebody asks, which is the backpressure on the peer.
/// Pings are answered and the peer's close frame is noticed while somebody receives.</para>
/// <para>Sending is for any number of callers at once; messages never interleave and each caller's order is kept.</para>
/// <para>A handler's code runs on the thread that received the message, until it awaits something that is not done yet. What it sends
/// until then goes out in one write together.</para>
/// </remarks>
public sealed class WebSocketConnection : IAsyncDisposable
{
    private static long _lastId;

    private readonly Transport _transport;
    private readonly WebSocketConnectionOptions _options;
    private readonly FrameSender _sender;
    private readonly Receiver _receiver;

    private ClosingState? _closing;
    private Dictionary<object, object?>? _items;

    /// <summary>Starts a connection whose opening handshake is done.</summary>
    /// <param name="transport">The bytes; the connection owns it from here on. What it has received already is read as frames.</param>
    /// <param name="role">Which end this is.</param>
    /// <param name="options">The limits and times.</param>
    /// <param name="subProtocol">The subprotocol agreed on in the handshake, or null.</param>
    /// <param name="handshake">What the handshake wants to be found again, such as the request: see <see cref="Handshake"/>.</param>
    /// <param name="masks">A client's masking keys; null for the operating system's cryptographic generator.</param>
    /// <param name="opening">
    /// Bytes that go out before the first frame: a server's answer to the handshake. Copied; written by <see cref="SendOpening"/> at the latest.
    /// </param>
    /// <param name="deflate">What was agreed on about compression in the handshake (RFC 7692), or null for none.</param>
    /// <param name="stopping">
    /// A token that receives on this connection are given again and again, such as that of a server's stop, and of whose cancellation its
    /// owner tells by <see cref="OnStopping"/>: they do not register with it, which would be 80 bytes of each connection that waits.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public WebSocketConnection(
        Transport transport,
        EndpointRole role,
        WebSocketConnectionOptions options,
        string? subProtocol = null,
        object? handshake = null,
        MaskKeySource? masks = null,
        ReadOnlyMemory<byte> opening = default,
        PerMessageDeflate? deflate = null,
        CancellationToken stopping = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _transport = transport;
        _options = options;
        SubProtocol = subProtocol;
        Handshake = handshake;
        Id = Interlocked.Increment(ref _lastId);
        Stopping = stopping;
        var compressor = deflate is null ? null : new MessageCompressor(deflate, options.BufferPool);
        _sender = new(this, options, role == EndpointRole.Client ? masks ?? new() : null, compressor);
        _sender.Append(opening.Span);
        _receiver = new(this, transport.Input, _sender, deflate is null ? null : new(role, options, deflate), corks: !options.HandlersMayBlock);
        _receiver.StartKeepAlive();
    }

    /// <summary>A number that no other connection of this process has or had.</summary>
    public long Id { get; }

    /// <summary>The subprotocol agreed on in the opening handshake, or null (RFC 6455 §1.9).</summary>
    public string? SubProtocol { get; }

    /// <summary>What was agreed on about compression in the opening handshake, or null for none (RFC 7692).</summary>
    public PerMessageDeflate? Deflate => _sender.Compressor?.Agreed;

    /// <summary>What compression has saved so far; zero where none was agreed on. For any thread; not one moment's figures all together.</summary>
    public DeflateCounters DeflateCounters =>
        new(_sender.Compressor?.Sent.Before ?? 0, _sender.Compressor?.Sent.After ?? 0, _receiver.Inflated.Before, _receiver.Inflated.After);

    /// <summary>What the opening handshake left for later; a server's connection has its request here.</summary>
    public object? Handshake { get; }

    /// <summary>The peer's address, or null where the transport has none.</summary>
    public EndPoint? RemoteEndPoint => _transport.RemoteEndPoint;

    /// <summary>This end's address, or null where the transport has none, or has ended.</summary>
    public EndPoint? LocalEndPoint => _transport.LocalEndPoint;

    /// <summary>A place for whatever belongs to this connection. Not thread-safe. Made when first asked for.</summary>
    public IDictionary<object, object?> Items => _items ??= [];

    /// <summary>How many bytes wait to be written.</summary>
    public long OutgoingBytes => _sender.OutgoingBytes;

    /// <summary>Where the connection is in its life, in the BCL's words.</summary>
    public WebSocketState State
    {
        get
        {
            if (Volatile.Read(ref _closing) is not { } closing)
            {
                return WebSocketState.Open;
            }

            lock (closing)
            {
                return (closing.Closure, closing.Sent, closing.Received) switch
                {
                    ({ Cause: CloseCause.ClosingHandshake }, _, _) => WebSocketState.Closed,
                    (not null, _, _) => WebSocketState.Aborted,
                    (_, not null, null) => WebSocketState.CloseSent,
                    (_, null, not null) => WebSocketState.CloseReceived,
                    (_, not null, not null) => WebSocketState.Closed,
                    _ => WebSocketState.Open,
                };
            }
        }
    }

    /// <summary>The status of the peer's close frame; null where none has come, 1005 where it had none.</summary>
    public WebSocketCloseStatus? CloseStatus => ReceivedClose?.Status;

    /// <summary>The reason in the peer's close frame; null where none has come.</summary>
    public string? CloseStatusDescription => ReceivedClose?.Reason;

    /// <summary>How and why the connection ended; null as long as it has not.</summary>
    public WebSocketClosure? Closure => Volatile.Read(ref _closing)?.Closure;

    /// <summary>Is cancelled when the connection has ended, however it did.</summary>
    public CancellationToken Closed
    {
        get
        {
            var closing = Closing;
            lock (closing)
            {
                if (closing.ClosedSource is null)
                {
                    closing.ClosedSource = new();
                    if (closing.Closure is not null)
                    {
                        closing.ClosedSource.Cancel();
                    }
                }

                return closing.ClosedSource.Token;
            }
        }
    }

    /// <summary>The token of whose cancellation this connection is told by <see cref="OnStopping"/>.</summary>
    internal CancellationToken Stopping { get; }

    /// <summary>What most connections need only at their end.</summary>
    internal ClosingState Closing => Volatile.Read(ref _closing) ?? Interlocked.CompareExchange(ref _closing, new(), null) ?? _closing;

    private (WebSocketCloseStatus Status, string Reason)? ReceivedClose
    {
        get
        {
            if (Volatile.Read(ref _closing) is not { } closing)
            {
                return null;
            }

            lock (closing)
            {
                return closing.Received;
            }
        }
    }

    /// <summary>The limits and times.</summary>
    internal WebSocketConnectionOptions Options => _options;

    /// <summary>Which end this is.</summary>
    internal EndpointRole Role => _sender.Role;

    /// <summary>The bytes.</summary>
    internal Transport Transport => _transport;

    /// <summary>The outgoing half.</summary>
    internal FrameSender Sender => _sender;

    /// <summary>Where it is set, the incoming half is to tell it that nobody reads any more.</summary>
    internal TaskCompletionSource? WhenReadingEnded => Volatile.Read(ref _closing)?.WhenReadingEnded;

    /// <summary>Whether the message that was received last is likely to be followed by another at once.</summary>
    internal bool HasMoreInput => _receiver.HasMoreInput;

    /// <summary>The clock for all waiting.</summary>
    internal TimeProvider TimeProvider => _options.TimeProvider;

    /// <summary>Whether this end has sent its close frame, and nothing is wanted any more but the peer's.</summary>
    internal bool IsCloseSent
    {
        get
        {
            if (Volatile.Read(ref _closing) is not { } closing)
            {
                return false;
            }

            lock (closing)
            {
                return closing.Sent is not null && !closing.IsHalfClosed;
            }
        }
    }

    /// <summary>
    /// Two connected ends in memory, without a socket or a handshake: for tests of whatever works on a connection. The bytes between them are
    /// those of the wire, masked where the client sends. While 64 KiB of them are on the way in one direction, the next write waits.
    /// </summary>
    /// <param name="options">The limits, times and compression of both ends; null for the defaults.</param>
    /// <param name="subProtocol">The subprotocol that both ends take as agreed on, or null.</param>
    /// <returns>The client's end and the server's.</returns>
    /// <exception cref="ArgumentException">An option is out of its bounds.</exception>
    public static WebSocketPair CreatePair(WebSocketConnectionOptions? options = null, string? subProtocol = null)
    {
        var (client, server) = PairedPipe.Create();
        options ??= new();
        return new(
            new(new PipeTransport(client), EndpointRole.Client, options, subProtocol, deflate: options.Deflate?.Agreed(EndpointRole.Client)),
            new(new PipeTransport(server), EndpointRole.Server, options, subProtocol, deflate: options.Deflate?.Agreed(EndpointRole.Server)));
    }

    /// <summary>
    /// Writes the opening bytes, where nothing that was sent has taken them along: so a connection can be in a list, and get what is sent to
    /// its members, before its peer knows that it is open.
    /// </summary>
    public void SendOpening() => _sender.Flush();

    /// <summary>
    /// All messages to come, in order. The loop ends when the connection has ended, whichever way: <see cref="Closure"/> tells which.
    /// </summary>
    /// <param name="cancellationToken">Ends the loop with an <see cref="OperationCanceledException"/>; the connection stays usable.</param>
    /// <returns>The messages; each is lent until the loop asks for the next.</returns>
    public IAsyncEnumerable<WebSocketMessage> ReadAllAsync(CancellationToken cancellationToken = default) =>
        _receiver.ReadAll(cancellationToken);

    /// <summary>Receives the next message.</summary>
    /// <param name="cancellationToken">
    /// Ends the wait. The connection stays usable: a message that was half received is received by the next call.
    /// </param>
    /// <returns>The message, lent until the next receive.</returns>
    /// <exception cref="ConnectionClosedException">The connection has ended; the exception tells how.</exception>
    /// <exception cref="InvalidOperationException">Another receive is pending, or a message is being read as a stream.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<WebSocketMessage> ReceiveAsync(CancellationToken cancellationToken = default) => _receiver.ReceiveAsync(cancellationToken);

    /// <summary>
    /// Receives the next message as a stream while it arrives, whatever its length: <see cref="WebSocketConnectionOptions.MaxMessageSize"/>
    /// does not apply. The stream must be read to its end, or disposed, before the next receive.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait for the message's beginning.</param>
    /// <returns>The stream; text has been checked to be UTF-8 as far as it was read.</returns>
    /// <exception cref="ConnectionClosedException">The connection has ended.</exception>
    /// <exception cref="InvalidOperationException">Another receive is pending, or a message is being read as a stream.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<WebSocketMessageStream> ReceiveStreamAsync(CancellationToken cancellationToken = default) =>
        await _receiver.MoveNextAsync(Wanted.FirstPiece, cancellationToken).ConfigureAwait(false)
            ? new WebSocketMessageStream(this, _receiver)
            : throw ClosedException();

    /// <summary>
    /// The connection as the BCL's <see cref="WebSocket"/>, for code that expects one: always the same object. In place of the receives of
    /// this class; messages may be sent by both.
    /// </summary>
    /// <remarks>
    /// <para>From the first call on, the peer's close frame is not answered by itself: as that contract has it, the receive returns it, the
    /// state is <see cref="WebSocketState.CloseReceived"/>, and the caller's own close is the answer.</para>
    /// <para>Better than the contract asks for: any number of whole messages may be sent at once, and a cancelled call leaves the connection
    /// usable instead of aborting it. A cancelled receive loses nothing, a cancelled send has sent nothing, and a cancelled close goes on.
    /// What the BCL queues or mixes up is refused: a second receive beside a pending one, and a fragment of another type than its message.
    /// </para>
    /// <para>Disposing it disposes the connection, in the background. Where neither end is closing, or a call is pending, it aborts it first;
    /// a close frame that was sent reaches the peer.</para>
    /// </remarks>
    /// <returns>The adapter.</returns>
    public WebSocket AsWebSocket()
    {
        var closing = Closing;
        closing.IsLeftToUser = true;
        lock (closing)
        {
            return closing.WebSocket ??= new(this, _receiver, _sender);
        }
    }

    /// <summary>
    /// The connection as a duplex stream of bytes, which binary messages carry: what is read are the bytes of the messages one after another,
    /// whatever their length; each write is a message. In place of the receives of this class, and to be asked for once.
    /// </summary>
    /// <remarks>
    /// <para>The stream ends where the peer closes with status 1000, 1001 or none, between two messages. Any other end throws a
    /// <see cref="ConnectionClosedException"/>, an <see cref="IOException"/>: half of something never looks whole. A text message closes the
    /// connection with 1003 and throws an <see cref="InvalidDataException"/>.</para>
    /// <para>One read at a time; writes by any number of callers. A cancelled read loses nothing, a cancelled write has sent nothing. A read
    /// of zero bytes waits for data, an empty write sends nothing. The synchronous calls block their thread.</para>
    /// </remarks>
    /// <param name="leaveOpen">
    /// Whether disposing the stream leaves the connection alone. Otherwise it disposes the connection, which closes it with status 1000: in
    /// the background where it is disposed synchronously.
    /// </param>
    /// <returns>The stream.</returns>
    public Stream AsStream(bool leaveOpen = false) => new ConnectionStream(this, _receiver, leaveOpen);

    /// <summary>
    /// The connection as a duplex pipe of bytes, which binary messages carry: what is read are the bytes of the messages one after another,
    /// whatever their length, where they were received; what is flushed together is a message. In place of the receives of this class, and to
    /// be asked for once.
    /// </summary>
    /// <remarks>
    /// <para>The reader's end is that of <see cref="AsStream"/>. It receives when everything that is there has been examined; what has been
    /// examined and not consumed is copied, without a bound, as with any pipe over a stream.</para>
    /// <para>A flush waits for room in the outgoing buffer; where its wait is cancelled, what was not sent stays for the next one. It is
    /// completed, in the words of its result, where the connection is closing.</para>
    /// <para>Completing the output sends what is not flushed yet, and then a close frame: status 1000, or 1011 where it is completed with an
    /// exception. Each half ends by itself: the input goes on until the peer's close frame, and that one is answered when the output is
    /// completed. When both are, the connection is disposed, in the background.</para>
    /// </remarks>
    /// <returns>The pipe.</returns>
    public IDuplexPipe AsDuplexPipe()
    {
        Closing.IsLeftToUser = true;
        return new ConnectionPipe(this, _receiver, _sender, _options.BufferPool);
    }

    /// <summary>Sends a text message.</summary>
    /// <param name="text">The text; a lone surrogate is sent as U+FFFD.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outgoing buffer; a send that has begun goes on.</param>
    /// <returns>Done when the message is in the outgoing buffer.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SendTextAsync(text, cancellationToken);
    }

    /// <summary>Sends a message as it was received: an echo, or a relay.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outgoing buffer; a send that has begun goes on.</param>
    /// <returns>Done when the payload's memory is the caller's again.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(WebSocketMessage message, CancellationToken cancellationToken = default) =>
        SendAsync(message.Payload, message.Type, cancellationToken);

    /// <summary>Sends a message in one frame.</summary>
    /// <param name="payload">
    /// The payload: for text, UTF-8 (it is not checked again; the peer must fail the connection where it is not). The memory is used until
    /// the task is done; a short payload is copied at once, a long one is written from where it lies.
    /// </param>
    /// <param name="type">Text or binary.</param>
    /// <param name="cancellationToken">
    /// Ends the wait for room in the outgoing buffer. A send that has begun goes on: half a message cannot be taken back.
    /// </param>
    /// <returns>Done when the payload's memory is the caller's again; not a sign that the peer has it.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> payload, WebSocketMessageType type, CancellationToken cancellationToken = default) =>
        _sender.SendAsync(new(OpcodeOf(type), IsFinal: true, payload, Prepared: null, BelongsToOpenMessage: false), cancellationToken);

    /// <summary>
    /// Sends a message in one frame, and says whether it may be compressed where compression was agreed on (RFC 7692 §6 leaves that to the sender). One
    /// that holds a secret next to what others may choose must not be: its length would tell.
    /// </summary>
    /// <param name="payload">The payload, as with <see cref="SendAsync(ReadOnlyMemory{byte}, WebSocketMessageType, CancellationToken)"/>.</param>
    /// <param name="type">Text or binary.</param>
    /// <param name="compress">False to send it as it is; true is what the other overloads do.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outgoing buffer; a send that has begun goes on.</param>
    /// <returns>Done when the payload's memory is the caller's again.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(
        ReadOnlyMemory<byte> payload, WebSocketMessageType type, bool compress, CancellationToken cancellationToken = default) =>
        _sender.SendAsync(
            new(OpcodeOf(type), IsFinal: true, payload, Prepared: null, BelongsToOpenMessage: false) { IsPlain = !compress }, cancellationToken);

    /// <summary>Sends a message that was encoded before.</summary>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">Ends the wait for room in the outgoing buffer; a send that has begun goes on.</param>
    /// <returns>Done when the message is in the outgoing buffer.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled and nothing was sent.</exception>
    public ValueTask SendAsync(PreparedMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _sender.SendAsync(FrameOf(message), cancellationToken);
    }

    /// <summary>
    /// Sends a message of any length from a stream, in fragments as they are read (RFC 6455 §5.4). Other messages sent meanwhile wait
    /// until it is done; pings and pongs do not.
    /// </summary>
    /// <param name="content">The payload; read to its end, and not disposed.</param>
    /// <param name="type">Text or binary.</param>
    /// <param name="cancellationToken">Ends the send. Where fragments have been sent already, it ends the connection with them (status 1011).</param>
    /// <returns>Done when the last fragment is in the outgoing buffer.</returns>
    /// <exception cref="ConnectionClosedException">The connection is closing or closed.</exception>
    /// <exception cref="InvalidOperationException">Another stream is being sent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask SendAsync(Stream content, WebSocketMessageType type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var opcode = OpcodeOf(type);
        if (!_sender.OpenMessage())
        {
            throw new InvalidOperationException("Another stream is being sent on this connection: RFC 6455 §5.4 forbids to interleave them.");
        }

        const int FragmentSize = 16 * 1024;
        var buffer = _options.BufferPool.Rent(FragmentSize);
        var fragment = buffer.AsMemory(0, FragmentSize);
        var begun = false;
        try
        {
            int length;
            do
            {
                length = await content.ReadAtLeastAsync(fragment, FragmentSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
                var final = length < FragmentSize;
                var frame = new OutgoingFrame(opcode, final, fragment[..length], Prepared: null, BelongsToOpenMessage: true);
                await _sender.SendAsync(frame, cancellationToken).ConfigureAwait(false);
                opcode = Opcode.Continuation;
                begun = !final;
            }
            while (length == FragmentSize);
        }
        catch when (begun)
        {
            // What has begun cannot be taken back, and an end would make half a message look whole.
            StartClose(WebSocketCloseStatus.InternalServerError, "a message could not be sent to its end");
            throw;
        }
        finally
        {
            _options.BufferPool.Return(buffer);
            _sender.CloseMessage();
        }
    }

    /// <summary>Sends a message if the outgoing buffer has room for it; never waits.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Whether it was accepted; where it was not, <see cref="Closure"/> and <see cref="State"/> tell a full buffer from the end.</returns>
    public bool TrySend(PreparedMessage message) => TrySend(message, dropOldest: false, out _) == TrySendResult.Accepted;

    /// <summary>
    /// Gathers what the calling thread sends, on whatever connections, until the scope is disposed of: each connection is then written once, and where
    /// there are many, each one's loop writes its own, all at the same time. For whoever sends much at once outside a handler, such as to all members
    /// of a room; what a handler sends while it works through received messages is gathered anyway. A payload that is sent from where it lies is
    /// written at once.
    /// </summary>
    /// <returns>The scope: <c>using var cork = WebSocketConnection.Cork();</c>.</returns>
    public static CorkScope Cork() => new(Sending.Cork.Begin());

    /// <summary>Sends a message if the outgoing buffer has room for it; never waits.</summary>
    /// <param name="payload">The payload: for text, UTF-8. It is copied.</param>
    /// <param name="type">Text or binary.</param>
    /// <returns>Whether it was accepted.</returns>
    public bool TrySend(ReadOnlyMemory<byte> payload, WebSocketMessageType type) =>
        _sender.TrySend(new(OpcodeOf(type), IsFinal: true, payload, null, false), dropOldest: false, out _) == TrySendResult.Accepted;

    /// <summary>Sends a message if the outgoing buffer has room for it, or can be given room; never waits.</summary>
    /// <param name="message">The message.</param>
    /// <param name="dropOldest">
    /// Whether messages that were sent by this method, with the same choice, and have not begun to be written, may be dropped, oldest first.
    /// </param>
    /// <param name="dropped">How many were dropped.</param>
    /// <returns>What became of it.</returns>
    public TrySendResult TrySend(PreparedMessage message, bool dropOldest, out int dropped)
    {
        ArgumentNullException.ThrowIfNull(message);
        return _sender.TrySend(FrameOf(message), dropOldest, out dropped);
    }

    /// <summary>Sends a ping (RFC 6455 §5.5.2); never waits. Keepalive does so by itself.</summary>
    /// <param name="payload">At most 125 bytes; copied.</param>
    /// <returns>False where the connection is closing or closed.</returns>
    /// <exception cref="ArgumentException"><paramref name="payload"/> is too long.</exception>
    public bool TryPing(ReadOnlySpan<byte> payload = default) =>
        payload.Length <= FrameHeader.MaxControlPayload
            ? _sender.SendControl(Opcode.Ping, payload)
            : throw new ArgumentException($"A ping carries at most {FrameHeader.MaxControlPayload} bytes (RFC 6455 §5.5).", nameof(payload));

    /// <summary>
    /// Begins the closing handshake and returns at once: the close frame goes out behind what was sent before, and nothing after it.
    /// Whoever receives goes on until the peer's answer; where that does not come within the close timeout, the connection is cut.
    /// </summary>
    /// <param name="status">The status; <see cref="WebSocketCloseStatus.Empty"/> for none.</param>
    /// <param name="reason">The reason, of which at most 123 bytes of UTF-8 are sent.</param>
    /// <param name="discardWaiting">Whether messages that wait in the outgoing buffer are discarded: for a peer that does not read.</param>
    /// <returns>False where a close frame was sent before, or the connection has ended.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> must not be sent (RFC 6455 §7.4).</exception>
    public bool StartClose(WebSocketCloseStatus status, string? reason = null, bool discardWaiting = false) =>
        StartClose(status, reason, discardWaiting, isHalfClose: false);

    /// <summary>
    /// Closes the connection: sends a close frame, waits for the peer's (RFC 6455 §7.1.2), at most for the close timeout. A receive that
    /// is pending gets the message it waits for; what else still arrives is discarded, and a message received before stays valid. Closing
    /// twice is no error.
    /// </summary>
    /// <param name="status">The status; <see cref="WebSocketCloseStatus.Empty"/> for none.</param>
    /// <param name="reason">The reason, of which at most 123 bytes of UTF-8 are sent.</param>
    /// <param name="cancellationToken">Ends the wait, not the closing.</param>
    /// <returns>Done when the connection has ended; <see cref="Closure"/> tells whether cleanly.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="status"/> must not be sent (RFC 6455 §7.4).</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask CloseAsync(WebSocketCloseStatus status, string? reason = null, CancellationToken cancellationToken = default)
    {
        StartClose(status, reason);
        _receiver.DiscardUntilEnded();
        Task closed;
        var closing = Closing;
        lock (closing)
        {
            if (closing.Closure is not null)
            {
                return;
            }

            // Where only sending was ended before, it is from here on that the peer's answer is awaited.
            closing.IsHalfClosed = false;
            StartCloseTimer();
            closing.Closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            closed = closing.Closed.Task;
        }

        await closed.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Has a pending receive look at the token that the constructor was given. For that token's owner, after it was cancelled; for any thread.
    /// </summary>
    public void OnStopping() => _receiver.CancelPending();

    /// <summary>Cuts the connection at once, without a closing handshake: pending receives and sends end. For any thread.</summary>
    public void Abort() => End(CloseCause.Aborted, "", null);

    /// <summary>
    /// Closes the connection with status 1000 where it is not closed yet, waits, bounded by the close timeout, until TCP has ended too, and
    /// gives back every buffer. Messages received before are not valid any more.
    /// </summary>
    /// <returns>
    /// The completion; for whoever comes second, that of the first. What follows in a handler may go on where its code runs.
    /// </returns>
    public ValueTask DisposeAsync()
    {
        TaskCompletionSource disposal;
        var closing = Closing;
        lock (closing)
        {
            if (closing.Disposal is { } first)
            {
                return new(first.Task);
            }

            closing.Disposal = disposal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // Whoever is on the connection's thread can stay there; nobody else is to find itself on it.
        var stays = _transport.Loop?.IsCurrent ?? _transport.IsOnThePool;
        var disposing = DisposeOnceAsync(closing, disposal, stays);
        return stays ? disposing : new(disposal.Task);
    }

    /// <summary>
    /// <see cref="StartClose(WebSocketCloseStatus, string?, bool)"/>, for ends that go on receiving for as long as the peer goes on sending.
    /// </summary>
    /// <param name="status">The status.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="discardWaiting">Whether messages that wait in the outgoing buffer are discarded.</param>
    /// <param name="isHalfClose">Whether only sending ends: the close timeout does not begin before <see cref="CloseAsync"/>.</param>
    internal bool StartClose(WebSocketCloseStatus status, string? reason, bool discardWaiting, bool isHalfClose)
    {
        if (status != WebSocketCloseStatus.Empty && !ClosePayload.IsValidStatus((int)status))
        {
            throw new ArgumentOutOfRangeException(nameof(status), (int)status, "The status code must not appear on the wire (RFC 6455 §7.4).");
        }

        (WebSocketCloseStatus Status, string Reason)? answered;
        var closing = Closing;
        lock (closing)
        {
            if (closing.Sent is not null || closing.Closure is not null)
            {
                return false;
            }

            closing.Sent = (status, reason ?? "");
            closing.IsHalfClosed = isHalfClose;
            answered = closing.Received;
        }

        if (!isHalfClose)
        {
            StartCloseTimer();
        }

        _sender.SendClose(status, reason ?? "", discardWaiting);
        if (answered is { } received)
        {
            Finish(new(CloseCause.ClosingHandshake, CloseInitiator.Remote, received.Status, received.Reason, null));
        }

        return true;
    }

    /// <summary>What operations throw now that the connection is closing or closed.</summary>
    internal ConnectionClosedException ClosedException() => new(Closure);

    /// <summary>The peer's close frame has come.</summary>
    internal void OnCloseReceived(WebSocketCloseStatus status, string reason)
    {
        WebSocketClosure closure;
        (WebSocketCloseStatus Status, string Reason) sent;
        var closing = Closing;
        lock (closing)
        {
            closing.Received = (status, reason);
            var answer = closing.Sent is null;
            if (answer && closing.IsLeftToUser)
            {
                // RFC 6455 §5.5.1: "An endpoint MAY delay sending a Close frame until its current message is sent". What is sent through
                // an adapter ends when the user says so.
                return;
            }

            // RFC 6455 §5.5.1: "When sending a Close frame in response, the endpoint typically echos the status code it received."
            sent = closing.Sent ??= (status, "");
            closure = answer
                ? new(CloseCause.ClosingHandshake, CloseInitiator.Remote, status, reason, null)
                : new(CloseCause.ClosingHandshake, CloseInitiator.Local, sent.Status, sent.Reason, null);
        }

        // Where this end has sent one already, the sender knows, and sends no other. Where it is just about to, either sends the same.
        _sender.SendClose(sent.Status, sent.Reason, discardWaiting: false);
        Finish(closure);
    }

    /// <summary>The peer has broken a rule: RFC 6455 §7.1.7, _Fail the WebSocket Connection_.</summary>
    internal void OnViolation(ProtocolViolation violation)
    {
        (WebSocketCloseStatus Status, string Reason) sent;
        var closing = Closing;
        lock (closing)
        {
            sent = closing.Sent ??= (violation.CloseStatus, violation.Rule);
        }

        _sender.SendClose(sent.Status, sent.Reason, discardWaiting: false);
        Finish(new(CloseCause.ProtocolViolation, CloseInitiator.Local, violation.CloseStatus, violation.ToString(), null));
    }

    /// <summary>The input has come to its end, or failed, without a close frame.</summary>
    internal void OnInputEnded(Exception? failure) =>
        End(CloseCause.ConnectionLost, failure is null ? "the peer ended TCP without a close frame" : "a read failed", failure);

    /// <summary>A write has failed.</summary>
    internal void OnWriteFailed(Exception failure) => End(CloseCause.ConnectionLost, "a write failed", failure);

    /// <summary>Ends the connection at once.</summary>
    internal void End(CloseCause cause, string reason, Exception? failure)
    {
        var initiator = cause == CloseCause.ConnectionLost ? CloseInitiator.Remote : CloseInitiator.Local;
        Closing.IsAborted = true;
        SetClosure(new(cause, initiator, Status: null, reason, failure));
        _sender.End();
        _transport.Abort();
    }

    // The WebSocket connection is over; TCP ends in the background, last bytes first.
    private void Finish(WebSocketClosure closure)
    {
        StartCloseTimer();
        _sender.FlushCorked();
        Closing.Teardown = TearDownAsync();
        SetClosure(closure);
    }

    private void SetClosure(WebSocketClosure closure)
    {
        TaskCompletionSource? closed;
        CancellationTokenSource? closedSource;
        var closing = Closing;
        lock (closing)
        {
            if (closing.Closure is not null)
            {
                return;
            }

            closing.Closure = closure;
            (closed, closedSource) = (closing.Closed, closing.ClosedSource);
        }

        _receiver.EndKeepAlive();
        closed?.TrySetResult();
        if (closedSource is not null)
        {
            // Not on this thread: whoever registered may do anything.
            ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), closedSource, preferLocal: false);
        }
    }

    private void StartCloseTimer()
    {
        var closing = Closing;
        lock (closing)
        {
            closing.Timer ??= _options.TimeProvider.CreateTimer(
                static state => ((WebSocketConnection)state!).OnCloseTimeout(), this, _options.CloseTimeout, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnCloseTimeout() => End(CloseCause.CloseTimeout, "the peer did not finish closing in time", null);

    // RFC 6455 §7.1.1: the server ends TCP first, but a socket closed with unread input sends a reset, which can destroy the close frame
    // on its way. So: everything written, the end sent, then read until the peer's end. A client lets the server end first, and then does
    // not keep it waiting.
    private async Task TearDownAsync()
    {
        try
        {
            await _sender.DrainAsync().ConfigureAwait(false);
            if (Role == EndpointRole.Server)
            {
                await _transport.ShutdownAsync().ConfigureAwait(false);
            }

            var input = _transport.Input;
            while (true)
            {
                var result = await input.ReadAsync().ConfigureAwait(false);
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || Closing.IsAborted)
                {
                    break;
                }
            }

            if (Role == EndpointRole.Client && !Closing.IsAborted)
            {
                await _transport.ShutdownAsync().ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (gone is not OutOfMemoryException)
        {
            // The closure is told already; how TCP ended after it changes nothing.
        }
        finally
        {
            _sender.End();
            Closing.Timer?.Dispose();
        }
    }

    private async ValueTask DisposeOnceAsync(ClosingState closing, TaskCompletionSource disposal, bool isAwaited)
    {
        try
        {
            await CloseAsync(WebSocketCloseStatus.NormalClosure).ConfigureAwait(false);
            await _receiver.EndAsync().ConfigureAwait(false);
            await (closing.Teardown ?? Task.CompletedTask).ConfigureAwait(false);
            await _sender.DrainAsync().ConfigureAwait(false);
            closing.Timer?.Dispose();
            _receiver.Dispose();
            await _transport.DisposeAsync().ConfigureAwait(false);
            disposal.SetResult();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            disposal.SetException(failure);
            if (isAwaited)
            {
                // Seen: there may be no second caller to see it.
                _ = disposal.Task.Exception;
                throw;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendTextAsync(string text, CancellationToken cancellationToken)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var buffer = _options.BufferPool.Rent(length);
        try
        {
            Encoding.UTF8.GetBytes(text, buffer);
            await SendAsync(buffer.AsMemory(0, length), WebSocketMessageType.Text, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _options.BufferPool.Return(buffer);
        }
    }

    private static OutgoingFrame FrameOf(PreparedMessage message) =>
        new(OpcodeOf(message.Type), IsFinal: true, message.Payload, message, BelongsToOpenMessage: false);

    private static Opcode OpcodeOf(WebSocketMessageType type) => type switch
    {
        WebSocketMessageType.Text => Opcode.Text,
        WebSocketMessageType.Binary => Opcode.Binary,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A message is text or binary."),
    };
}
