using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.InteropServices;

using RawSocketChat.Framing;

namespace RawSocketChat.Receiving;

/// <summary>
/// Bytes to messages, without I/O: takes received bytes as they come and tells what they mean. Where a message lies whole in one
/// buffer it is unmasked there and lent; where it does not, its parts are unmasked while they are copied into a buffer that grows
/// with what has arrived, never with what was announced. Used by one receiver at a time, and by another where it is at rest: a connection
/// without compression that waits for its next message has none.
/// </summary>
internal sealed class MessageReader : IDisposable
{
    private const int SmallestAssembly = 4096;

    // What a compressed message is inflated to at once where it is read in pieces.
    private const int InflatedPiece = 16 * 1024;

    [ThreadStatic]
    private static MessageReader? _spare;

    private readonly Inflation? _inflation;
    private EndpointRole _role;
    private WebSocketConnectionOptions _options;

    private FrameHeader _frame;
    private long _remaining;
    private bool _inPayload;
    private FragmentState _fragments;
    private int _fragmentCount;
    private Utf8Validator _utf8;

    private byte[]? _assembly;
    private byte[]? _detached;
    private int _assembled;
    private bool _lentAssembly;

    // So many bytes at the buffer's beginning are unmasked though they are not taken yet.
    private int _unmaskedAhead;
    private bool _isCompressed;

    /// <summary>A reader of messages.</summary>
    /// <param name="role">Which end reads.</param>
    /// <param name="options">The limits and the pool.</param>
    /// <param name="deflate">What was agreed on about compression, or null.</param>
    public MessageReader(EndpointRole role, WebSocketConnectionOptions options, PerMessageDeflate? deflate)
    {
        _role = role;
        _options = options;
        _inflation = deflate is null ? null : new(new(deflate.ReceiveWindowBits, deflate.ReceiveContextTakeover, options.BufferPool));
    }

    /// <summary>What was received and is not read yet. A field, to be read by reference.</summary>
    public ReadOnlySequence<byte> Input;

    /// <summary>What the user was given last, while the reader may be reading on already. By whoever receives.</summary>
    public WebSocketMessage Message { get; set; }

    /// <summary>Whether nothing of what was read so far is needed for what comes next.</summary>
    public bool IsAtRest => !_inPayload && _fragments == FragmentState.None && _assembly is null && _detached is null && _inflation is null;

    /// <summary>Bytes of payload of compressed messages, before and after they were inflated. For any thread.</summary>
    public (long Before, long After) Inflated =>
        _inflation is null ? default : (Volatile.Read(ref _inflation.Before), Volatile.Read(ref _inflation.After));

    /// <summary>The kind of the message or piece.</summary>
    public WebSocketMessageType Type { get; private set; }

    /// <summary>The message's, piece's or control frame's payload. Valid until the next <see cref="Read"/>.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Whether a piece is the message's last.</summary>
    public bool EndOfMessage { get; private set; }

    /// <summary>The rule that was broken.</summary>
    public ProtocolViolation? Violation { get; private set; }

    /// <summary>A reader for a connection without compression: the one that the calling thread was given back, or a new one.</summary>
    public static MessageReader Rent(EndpointRole role, WebSocketConnectionOptions options)
    {
        if (_spare is not { } spare)
        {
            return new(role, options, deflate: null);
        }

        (_spare, spare._role, spare._options) = (null, role, options);
        return spare;
    }

    /// <summary>Gives back a reader that is at rest. The caller uses it no more.</summary>
    public static void Return(MessageReader reader)
    {
        // Nothing of the connection's is kept alive but its options, which its server's or client's other connections have as well.
        (reader.Input, reader.Message, reader.Payload) = (default, default, default);
        _spare = reader;
    }

    /// <summary>Reads what comes next.</summary>
    /// <param name="buffer">Received bytes; moved behind what was taken. Writable memory: payloads are unmasked in place.</param>
    /// <param name="pieces">Whether data is wanted in pieces as it arrives instead of in whole messages.</param>
    public ReadEvent Read(ref ReadOnlySequence<byte> buffer, bool pieces)
    {
        ReleaseLentAssembly();
        while (true)
        {
            if (!_inPayload)
            {
                var found = ReadFrame(ref buffer, pieces);
                if (found is not null)
                {
                    return found.Value;
                }
            }

            var data = (pieces, _isCompressed) switch
            {
                (true, true) => InflatePiece(ref buffer),
                (true, false) => ReadPiece(ref buffer),
                (false, true) => InflatePayload(ref buffer),
                _ => ReadPayload(ref buffer),
            };
            if (data is not null)
            {
                return data.Value;
            }
        }
    }

    /// <summary>
    /// Leaves the buffer of the message that is lent out as it is until the end: for when reading must go on though somebody may still be
    /// looking at it. Once at most.
    /// </summary>
    public void Detach()
    {
        if (_lentAssembly)
        {
            _detached = _assembly;
            (_assembly, _assembled, _lentAssembly) = (null, 0, false);
        }
    }

    /// <summary>Gives back what is held. Nothing may be read or looked at afterwards.</summary>
    public void Dispose()
    {
        ReleaseAssembly();
        if (_detached is not null)
        {
            _options.BufferPool.Return(_detached);
            _detached = null;
        }

        _inflation?.Inflater.Dispose();
    }

    // A control frame is an event, and so is a message that lies whole in the buffer; a data frame's header is not (null): its payload is.
    private ReadEvent? ReadFrame(ref ReadOnlySequence<byte> buffer, bool pieces)
    {
        Span<byte> scratch = stackalloc byte[FrameHeader.MaxSize];
        scoped var start = buffer.FirstSpan;
        if (start.Length < FrameHeader.MaxSize && !buffer.IsSingleSegment)
        {
            var head = buffer.Slice(0, Math.Min(buffer.Length, FrameHeader.MaxSize));
            head.CopyTo(scratch);
            start = scratch[..(int)head.Length];
        }

        switch (FrameHeader.TryRead(start, _role, _fragments, out var frame, out var violation, mayBeCompressed: _inflation is not null))
        {
            case FrameReadStatus.NeedMoreData:
                return ReadEvent.NeedMoreData;
            case FrameReadStatus.Violation:
                return Fail(violation!);
        }

        if (frame.Opcode >= Opcode.Close)
        {
            return ReadControl(ref buffer, frame);
        }

        if (frame.Opcode != Opcode.Continuation)
        {
            Type = frame.Opcode == Opcode.Text ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            _isCompressed = frame.IsCompressed;
            _fragmentCount = 0;
        }

        if (++_fragmentCount > _options.MaxFragmentsPerMessage)
        {
            return Fail(ProtocolViolation.TooManyFragments);
        }

        // What a compressed frame will be is not known before it is inflated.
        if (!pieces && !_isCompressed && frame.PayloadLength > _options.MaxMessageSize - _assembled)
        {
            return Fail(ProtocolViolation.MessageTooBig);
        }

        _frame = frame;
        _fragments = frame.IsFinal ? FragmentState.None : FragmentState.InMessage;
        if (!pieces && !_isCompressed && frame.IsFinal && _assembled == 0 && frame.Size + frame.PayloadLength <= buffer.FirstSpan.Length)
        {
            // As nearly all do: the buffer is moved once.
            return ReadInPlace(ref buffer, frame.Size);
        }

        buffer = buffer.Slice(frame.Size);
        _remaining = frame.PayloadLength;
        _inPayload = true;
        return null;
    }

    // A control frame is taken whole: it is at most 139 bytes long.
    private ReadEvent ReadControl(ref ReadOnlySequence<byte> buffer, FrameHeader frame)
    {
        if (buffer.Length < frame.Size + frame.PayloadLength)
        {
            return ReadEvent.NeedMoreData;
        }

        var payload = buffer.Slice(frame.Size, frame.PayloadLength);
        var bytes = payload.IsSingleSegment ? MemoryMarshal.AsMemory(payload.First) : payload.ToArray();
        Unmask(bytes.Span, frame, 0);
        Payload = bytes;
        buffer = buffer.Slice(payload.End);
        switch (frame.Opcode)
        {
            case Opcode.Ping:
                return ReadEvent.Ping;
            case Opcode.Pong:
                return ReadEvent.Pong;
            default:
                var violation = ClosePayload.Read(bytes.Span, out _, out _);
                return violation is null ? ReadEvent.Close : Fail(violation);
        }
    }

    // Null: the frame is done and the message is not.
    private ReadEvent? ReadPayload(ref ReadOnlySequence<byte> buffer)
    {
        if (_remaining > _options.MaxMessageSize - _assembled)
        {
            // Its header was read for a stream, which has no such limit, and that was given up.
            return Fail(ProtocolViolation.MessageTooBig);
        }

        if (_assembled == 0 && _frame.IsFinal && _remaining == _frame.PayloadLength && buffer.FirstSpan.Length >= _remaining)
        {
            _inPayload = false;
            return ReadInPlace(ref buffer, 0);
        }

        while (_remaining > 0 && !buffer.IsEmpty)
        {
            var taken = (int)Math.Min(_remaining, buffer.FirstSpan.Length);
            var target = GrowAssembly(taken);
            var source = buffer.FirstSpan[..taken];
            if (_frame.IsMasked)
            {
                Masking.Copy(source, target, _frame.MaskKey, _frame.PayloadLength - _remaining);
            }
            else
            {
                source.CopyTo(target);
            }

            if (Type == WebSocketMessageType.Text && !_utf8.Append(target))
            {
                return Fail(ProtocolViolation.InvalidUtf8);
            }

            _assembled += taken;
            _remaining -= taken;
            buffer = buffer.Slice(taken);
        }

        if (_remaining > 0)
        {
            return ReadEvent.NeedMoreData;
        }

        _inPayload = false;
        if (!_frame.IsFinal)
        {
            return null;
        }

        _lentAssembly = true;
        return Finish(_assembly.AsMemory(0, _assembled), ReadEvent.Message);
    }

    // The frame's payload lies whole in the first segment, behind so many bytes.
    private ReadEvent ReadInPlace(ref ReadOnlySequence<byte> buffer, int start)
    {
        var payload = MemoryMarshal.AsMemory(buffer.First).Slice(start, (int)_frame.PayloadLength);
        var bytes = payload.Span;
        Unmask(bytes, _frame, 0);
        if (Type == WebSocketMessageType.Text && !_utf8.Append(bytes))
        {
            return Fail(ProtocolViolation.InvalidUtf8);
        }

        buffer = buffer.Slice(start + bytes.Length);
        return Finish(payload, ReadEvent.Message);
    }

    private ReadEvent? ReadPiece(ref ReadOnlySequence<byte> buffer)
    {
        if (_assembled > 0)
        {
            // A receive of the whole message was given up half-way: what it had gathered comes first.
            return LendGathered();
        }

        var length = (int)Math.Min(_remaining, buffer.FirstSpan.Length);
        if (length == 0 && _remaining > 0)
        {
            return ReadEvent.NeedMoreData;
        }

        var payload = MemoryMarshal.AsMemory(buffer.First)[..length];
        Unmask(payload.Span, _frame, _frame.PayloadLength - _remaining);
        if (Type == WebSocketMessageType.Text && !_utf8.Append(payload.Span))
        {
            return Fail(ProtocolViolation.InvalidUtf8);
        }

        buffer = buffer.Slice(length);
        _remaining -= length;
        _inPayload = _remaining > 0;
        if (!_inPayload && _frame.IsFinal)
        {
            return Finish(payload, ReadEvent.Piece);
        }

        EndOfMessage = false;
        Payload = payload;
        return length == 0 ? null : ReadEvent.Piece;
    }

    // Null: the frame is done and the message is not.
    private ReadEvent? InflatePayload(ref ReadOnlySequence<byte> buffer)
    {
        // Where there is room for no more, one byte tells whether there is any.
        Span<byte> beyond = stackalloc byte[1];
        while (true)
        {
            var isFull = _assembled == _options.MaxMessageSize;
            if (Inflate(ref buffer, isFull ? beyond : GrowAssembly(), out var status, out var written) is { } found)
            {
                return found;
            }

            if (isFull && written > 0)
            {
                return Fail(ProtocolViolation.MessageTooBig);
            }

            _assembled += written;
            if (status == InflateStatus.Done)
            {
                _inPayload = false;
                _lentAssembly = true;
                return Finish(_assembly.AsMemory(0, _assembled), ReadEvent.Message);
            }

            if (status == InflateStatus.NeedMoreData && _remaining == 0)
            {
                _inPayload = false;
                return null;
            }
        }
    }

    private ReadEvent? InflatePiece(ref ReadOnlySequence<byte> buffer)
    {
        if (_assembled > 0)
        {
            return LendGathered();
        }

        while (true)
        {
            _assembly ??= _options.BufferPool.Rent(InflatedPiece);
            if (Inflate(ref buffer, _assembly, out var status, out _assembled) is { } found)
            {
                ReleaseAssembly();
                return found;
            }

            _inPayload = status == InflateStatus.DestinationFull || (status == InflateStatus.NeedMoreData && _remaining > 0);
            if (status == InflateStatus.Done)
            {
                _lentAssembly = true;
                return Finish(_assembly.AsMemory(0, _assembled), ReadEvent.Piece);
            }

            if (_assembled > 0)
            {
                return LendGathered();
            }

            if (!_inPayload)
            {
                ReleaseAssembly();
                return null;
            }
        }
    }

    // Inflates what is there of the frame, up to the end of its segment. Not null: nothing is there, or a rule is broken.
    private ReadEvent? Inflate(ref ReadOnlySequence<byte> buffer, Span<byte> target, out InflateStatus status, out int written)
    {
        var length = (int)Math.Min(_remaining, buffer.FirstSpan.Length);
        if (length == 0 && _remaining > 0)
        {
            (status, written) = (InflateStatus.NeedMoreData, 0);
            return ReadEvent.NeedMoreData;
        }

        // What the target had no room for stays in the buffer, unmasked already.
        var source = MemoryMarshal.AsMemory(buffer.First)[..length].Span;
        Unmask(source[_unmaskedAhead..], _frame, _frame.PayloadLength - _remaining + _unmaskedAhead);
        var inflation = _inflation!;
        status = inflation.Inflater.Inflate(source, endOfMessage: _frame.IsFinal && length == _remaining, target, out var consumed, out written);
        _unmaskedAhead = length - consumed;
        _remaining -= consumed;
        buffer = buffer.Slice(consumed);
        Volatile.Write(ref inflation.Before, inflation.Before + consumed);
        Volatile.Write(ref inflation.After, inflation.After + written);
        return status == InflateStatus.InvalidData ? Fail(ProtocolViolation.InvalidCompression)
            : Type == WebSocketMessageType.Text && !_utf8.Append(target[..written]) ? Fail(ProtocolViolation.InvalidUtf8)
            : null;
    }

    // Lends what there is of a message that goes on.
    private ReadEvent LendGathered()
    {
        _lentAssembly = true;
        EndOfMessage = false;
        Payload = _assembly.AsMemory(0, _assembled);
        return ReadEvent.Piece;
    }

    private ReadEvent Finish(ReadOnlyMemory<byte> payload, ReadEvent found)
    {
        if (Type == WebSocketMessageType.Text && !_utf8.IsComplete)
        {
            return Fail(ProtocolViolation.InvalidUtf8);
        }

        _utf8.Reset();
        EndOfMessage = true;
        Payload = payload;
        return found;
    }

    private Span<byte> GrowAssembly(int more)
    {
        var needed = _assembled + more;
        if (_assembly is null || _assembly.Length < needed)
        {
            // Doubling keeps the copying linear; the frame's announced end and the limit bound what doubling may overshoot.
            var wanted = Math.Max(SmallestAssembly, 2L * (_assembly?.Length ?? 0));
            var useful = _frame.IsFinal ? _assembled + _remaining : _options.MaxMessageSize;
            Replace(_options.BufferPool.Rent((int)Math.Max(needed, Math.Min(wanted, useful))));
        }

        return _assembly.AsSpan(_assembled, more);
    }

    // Room for what is inflated: twice as much each time, up to the limit.
    private Span<byte> GrowAssembly()
    {
        if (_assembly is null || _assembled == _assembly.Length)
        {
            var wanted = Math.Max(SmallestAssembly, Math.Max(2L * _assembled, _remaining));
            Replace(_options.BufferPool.Rent((int)Math.Min(wanted, _options.MaxMessageSize)));
        }

        return _assembly.AsSpan(_assembled, Math.Min(_assembly!.Length, _options.MaxMessageSize) - _assembled);
    }

    private void Replace(byte[] larger)
    {
        if (_assembly is not null)
        {
            _assembly.AsSpan(0, _assembled).CopyTo(larger);
            _options.BufferPool.Return(_assembly);
        }

        _assembly = larger;
    }

    private void ReleaseLentAssembly()
    {
        if (_lentAssembly)
        {
            ReleaseAssembly();
        }
    }

    private void ReleaseAssembly()
    {
        if (_assembly is not null)
        {
            _options.BufferPool.Return(_assembly);
        }

        (_assembly, _assembled, _lentAssembly) = (null, 0, false);
    }

    private ReadEvent Fail(ProtocolViolation violation)
    {
        Violation = violation;
        return ReadEvent.Violation;
    }

    private static void Unmask(Span<byte> payload, FrameHeader frame, long offset)
    {
        if (frame.IsMasked)
        {
            Masking.Apply(payload, frame.MaskKey, offset);
        }
    }

    // What only a connection that agreed on compression has.
    private sealed class Inflation(MessageInflater inflater)
    {
        public long Before;
        public long After;

        public MessageInflater Inflater => inflater;
    }
}
