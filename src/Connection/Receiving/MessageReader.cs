using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.InteropServices;

using RawSocketChat.Framing;

namespace RawSocketChat.Receiving;

/// <summary>
/// Bytes to messages, without I/O: takes received bytes as they come and tells what they mean. Where a message lies whole in one
/// buffer it is unmasked there and lent; where it does not, its parts are unmasked while they are copied into a buffer that grows
/// with what has arrived, never with what was announced. Used by one receiver at a time.
/// </summary>
internal sealed class MessageReader(EndpointRole role, int maxMessageSize, int maxFragments, ArrayPool<byte> pool) : IDisposable
{
    private const int SmallestAssembly = 4096;

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

    /// <summary>The kind of the message or piece.</summary>
    public WebSocketMessageType Type { get; private set; }

    /// <summary>The message's, piece's or control frame's payload. Valid until the next <see cref="Read"/>.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Whether a piece is the message's last.</summary>
    public bool EndOfMessage { get; private set; }

    /// <summary>The close frame's status: 1005 where it had none.</summary>
    public WebSocketCloseStatus CloseStatus { get; private set; }

    /// <summary>The close frame's reason.</summary>
    public string CloseReason { get; private set; } = "";

    /// <summary>The rule that was broken.</summary>
    public ProtocolViolation? Violation { get; private set; }

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

            var data = pieces ? ReadPiece(ref buffer) : ReadPayload(ref buffer);
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
        _lentAssembly = true;
        ReleaseLentAssembly();
        if (_detached is not null)
        {
            pool.Return(_detached);
            _detached = null;
        }
    }

    // A control frame is an event; a data frame's header is not (null): its payload is.
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

        switch (FrameHeader.TryRead(start, role, _fragments, out var frame, out var violation))
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
            _fragmentCount = 0;
        }

        if (++_fragmentCount > maxFragments)
        {
            return Fail(ProtocolViolation.TooManyFragments);
        }

        if (!pieces && frame.PayloadLength > maxMessageSize - _assembled)
        {
            return Fail(ProtocolViolation.MessageTooBig);
        }

        buffer = buffer.Slice(frame.Size);
        _frame = frame;
        _remaining = frame.PayloadLength;
        _inPayload = true;
        _fragments = frame.IsFinal ? FragmentState.None : FragmentState.InMessage;
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
                var violation = ClosePayload.Read(bytes.Span, out var status, out var reason);
                (CloseStatus, CloseReason) = (status, reason);
                return violation is null ? ReadEvent.Close : Fail(violation);
        }
    }

    // Null: the frame is done and the message is not.
    private ReadEvent? ReadPayload(ref ReadOnlySequence<byte> buffer)
    {
        if (_assembled == 0 && _frame.IsFinal && _remaining == _frame.PayloadLength && buffer.FirstSpan.Length >= _remaining)
        {
            return ReadInPlace(ref buffer);
        }

        while (_remaining > 0 && !buffer.IsEmpty)
        {
            var taken = (int)Math.Min(_remaining, buffer.FirstSpan.Length);
            if (taken > maxMessageSize - _assembled)
            {
                return Fail(ProtocolViolation.MessageTooBig);
            }

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

    private ReadEvent ReadInPlace(ref ReadOnlySequence<byte> buffer)
    {
        var payload = MemoryMarshal.AsMemory(buffer.First)[..(int)_remaining];
        Unmask(payload.Span, _frame, 0);
        if (Type == WebSocketMessageType.Text && !_utf8.Append(payload.Span))
        {
            return Fail(ProtocolViolation.InvalidUtf8);
        }

        buffer = buffer.Slice(payload.Length);
        _remaining = 0;
        _inPayload = false;
        return Finish(payload, ReadEvent.Message);
    }

    private ReadEvent? ReadPiece(ref ReadOnlySequence<byte> buffer)
    {
        if (_assembled > 0)
        {
            // A receive of the whole message was given up half-way: what it had gathered comes first.
            _lentAssembly = true;
            EndOfMessage = false;
            Payload = _assembly.AsMemory(0, _assembled);
            return ReadEvent.Piece;
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
            var useful = _frame.IsFinal ? _assembled + _remaining : maxMessageSize;
            var larger = pool.Rent((int)Math.Max(needed, Math.Min(wanted, useful)));
            if (_assembly is not null)
            {
                _assembly.AsSpan(0, _assembled).CopyTo(larger);
                pool.Return(_assembly);
            }

            _assembly = larger;
        }

        return _assembly.AsSpan(_assembled, more);
    }

    private void ReleaseLentAssembly()
    {
        if (!_lentAssembly)
        {
            return;
        }

        if (_assembly is not null)
        {
            pool.Return(_assembly);
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
}
