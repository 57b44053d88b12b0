using System.Buffers;

namespace RawSocketChat.Connection.Tests;

/// <summary>A transport's bytes as a stream, as a TLS stream would lie over it.</summary>
internal sealed class PipeStream(PipeTransport below) : MemoryStream
{
    private readonly Stream _input = below.Input.AsStream(leaveOpen: true);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _input.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        below.WriteAsync(new ReadOnlySequence<byte>(buffer));
}
