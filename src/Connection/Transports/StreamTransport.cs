using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;

namespace RawSocketChat;

/// <summary>
/// A transport over a duplex stream, such as an authenticated <see cref="SslStream"/>, that lies over another transport's socket.
/// </summary>
public sealed class StreamTransport : Transport
{
    private const int MostBytesInOneWrite = 64 * 1024;

    private readonly Stream _stream;
    private readonly Transport _below;
    private readonly ArrayPool<byte> _pool;
    private readonly StreamReader _reader;
    private long _written;

    /// <summary>Takes over a stream.</summary>
    /// <param name="stream">A readable and writable stream whose reads of zero bytes wait for data. The transport disposes it.</param>
    /// <param name="below">The transport that carries the stream: it is shut down, aborted and disposed along with it.</param>
    /// <param name="pool">Where buffers are rented.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public StreamTransport(Stream stream, Transport below, ArrayPool<byte> pool)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(below);
        ArgumentNullException.ThrowIfNull(pool);
        _stream = stream;
        _below = below;
        _pool = pool;
        _reader = new(stream, pool);
    }

    /// <inheritdoc/>
    public override PipeReader Input => _reader;

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => _below.RemoteEndPoint;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint => _below.LocalEndPoint;

    /// <inheritdoc/>
    public override long WriteProgress => Volatile.Read(ref _written) + _below.WriteProgress;

    /// <inheritdoc/>
    internal override bool IsOnThePool => _below.IsOnThePool;

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes) =>
        bytes.IsSingleSegment && bytes.Length <= MostBytesInOneWrite ? _stream.WriteAsync(bytes.First) : WritePiecesAsync(bytes);

    /// <inheritdoc/>
    public override async ValueTask ShutdownAsync()
    {
        if (_stream is SslStream tls)
        {
            await tls.ShutdownAsync().ConfigureAwait(false);
        }

        await _below.ShutdownAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override void DetachInput() => _reader.Detach();

    /// <inheritdoc/>
    public override void Abort() => _below.Abort();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _below.DisposeAsync().ConfigureAwait(false);
        await _reader.CompleteAsync().ConfigureAwait(false);
    }

    // Small segments are put together, so that many of them make one TLS record; a long one is written from where it lies.
    private async ValueTask WritePiecesAsync(ReadOnlySequence<byte> bytes)
    {
        byte[]? buffer = null;
        try
        {
            while (!bytes.IsEmpty)
            {
                var piece = bytes.Slice(0, Math.Min(bytes.Length, MostBytesInOneWrite));
                var memory = piece.First;
                if (!piece.IsSingleSegment)
                {
                    buffer ??= _pool.Rent(MostBytesInOneWrite);
                    piece.CopyTo(buffer);
                    memory = buffer.AsMemory(0, (int)piece.Length);
                }

                await _stream.WriteAsync(memory).ConfigureAwait(false);
                Volatile.Write(ref _written, _written + memory.Length);
                bytes = bytes.Slice(piece.End);
            }
        }
        finally
        {
            if (buffer is not null)
            {
                _pool.Return(buffer);
            }
        }
    }

    private sealed class StreamReader(Stream stream, ArrayPool<byte> pool) : TransportReader(pool)
    {
        protected override bool ReceiveWaits => true;

        protected override ValueTask<int> WaitAsync() => stream.ReadAsync(Memory<byte>.Empty);

        protected override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);
    }
}
