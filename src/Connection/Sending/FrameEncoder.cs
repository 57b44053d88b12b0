using System.Buffers;

using RawSocketChat.Framing;

namespace RawSocketChat.Sending;

/// <summary>Encodes frames to the end of a chain: copied, masked where this is a client, or linked in from where they lie.</summary>
/// <param name="pool">Where segments to copy into are rented.</param>
/// <param name="masks">A client's masking keys; null for a server, which does not mask.</param>
internal readonly struct FrameEncoder(ArrayPool<byte> pool, MaskKeySource? masks)
{
    /// <summary>Up to here a payload is copied: cheaper than one more segment to gather, and the send is done as soon as it is copied.</summary>
    public const int LargestCopied = 8 * 1024;

    private const int LargestCopiedPrepared = 1024;
    private const int SmallestSegment = 4096;
    private const int LargestSegment = 64 * 1024;

    /// <summary>Which end sends. RFC 6455 §5.1: "a client MUST mask all frames that it sends to the server".</summary>
    public EndpointRole Role => masks is null ? EndpointRole.Server : EndpointRole.Client;

    /// <summary>Where segments to copy into are rented.</summary>
    public ArrayPool<byte> Pool => pool;

    /// <summary>How many bytes a data frame has on the wire.</summary>
    public long SizeOf(in OutgoingFrame frame) => (long)frame.Payload.Length + FrameHeader.SizeOf(frame.Payload.Length, masks is not null);

    /// <summary>Provides for so many copied bytes at the end of a chain, at most: in one piece they are sent for less.</summary>
    public void Reserve(ref SegmentChain chain, int bytes)
    {
        if (bytes > SmallestSegment && chain.Free.IsEmpty && !chain.TryContinue(FrameHeader.MaxSize))
        {
            chain.Append(OutputSegment.Rent(pool, Math.Min(bytes, LargestSegment)));
        }
    }

    /// <summary>Appends a data frame.</summary>
    /// <param name="chain">Where to.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="droppable">Whether a prepared message may be dropped again before it is written.</param>
    /// <param name="mayReference">Whether the payload may be linked in: its sender waits until it is written.</param>
    /// <param name="waits">Whether it goes out behind something that is not written yet: what it keeps alive must be what is counted.</param>
    /// <returns>Whether the payload is linked in.</returns>
    public bool Append(ref SegmentChain chain, in OutgoingFrame frame, bool droppable, bool mayReference, bool waits)
    {
        if (masks is null && frame.Prepared is { } prepared)
        {
            // Copied where it goes on in a buffer that there is, linked in where a buffer would have to be rented for it.
            if (!droppable && prepared.Frame.Length <= Math.Min(LargestCopiedPrepared, chain.Free.Length))
            {
                Append(ref chain, prepared.Frame.Span);
            }
            else if (droppable || waits || !chain.TryExtend(prepared.Frame))
            {
                chain.Append(OutputSegment.OverFrame(waits ? prepared.StandaloneFrame : prepared.Frame, droppable));
            }

            return false;
        }

        var key = AppendHeader(ref chain, frame.Opcode, frame.IsFinal, frame.Payload.Length, frame.IsCompressed);
        if (masks is null && mayReference && frame.Payload.Length > LargestCopied)
        {
            chain.Append(OutputSegment.OverPayload(frame.Payload));
            return true;
        }

        Append(ref chain, frame.Payload.Span, key);
        return false;
    }

    /// <summary>Appends a data frame with another payload, which is copied.</summary>
    /// <param name="chain">Where to.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="payload">What to send in place of its payload.</param>
    /// <param name="compressed">RSV1.</param>
    public void Append(ref SegmentChain chain, in OutgoingFrame frame, ReadOnlySpan<byte> payload, bool compressed) =>
        Append(ref chain, payload, AppendHeader(ref chain, frame.Opcode, frame.IsFinal, payload.Length, compressed));

    /// <summary>Appends a control frame.</summary>
    public void Append(ref SegmentChain chain, Opcode opcode, ReadOnlySpan<byte> payload) =>
        Append(ref chain, payload, AppendHeader(ref chain, opcode, final: true, payload.Length, compressed: false));

    /// <summary>Appends bytes, masked where there is a key.</summary>
    public void Append(ref SegmentChain chain, ReadOnlySpan<byte> bytes, uint key = 0)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var free = Room(ref chain, Math.Min(bytes.Length - done, LargestSegment));
            var piece = bytes.Slice(done, Math.Min(bytes.Length - done, free.Length));
            if (key == 0)
            {
                piece.CopyTo(free);
            }
            else
            {
                Masking.Copy(piece, free, key, done);
            }

            chain.Advance(piece.Length);
            done += piece.Length;
        }
    }

    private uint AppendHeader(ref SegmentChain chain, Opcode opcode, bool final, int length, bool compressed)
    {
        var key = masks?.Next() ?? 0;
        var header = new FrameHeader(final, opcode, masks is not null, key, length) { IsCompressed = compressed };
        var free = Room(ref chain, header.Size);
        chain.Advance(header.Write(free));
        return key;
    }

    // Free bytes at the chain's end: enough for a header, and as many as wanted where a new segment is needed anyway.
    private Span<byte> Room(ref SegmentChain chain, int wanted)
    {
        var enough = Math.Min(wanted, FrameHeader.MaxSize);
        if (chain.Free.Length < enough && !chain.TryContinue(enough))
        {
            chain.Append(OutputSegment.Rent(pool, Math.Clamp(wanted, SmallestSegment, LargestSegment)));
        }

        return chain.Free;
    }
}
