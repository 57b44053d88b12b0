using System.Buffers;
using System.IO.Pipelines;

namespace RawSocketChat.Connection.Tests;

/// <summary>A transport that remembers each write and whose thread it was on, and receives what a test writes.</summary>
internal sealed class RecordingTransport(ITransportLoop? loop = null) : Transport
{
    private readonly Pipe _input = new();

    public List<(byte[] Bytes, string? Thread)> Writes { get; } = [];

    public PipeWriter Peer => _input.Writer;

    public override PipeReader Input => _input.Reader;

    internal override ITransportLoop? Loop => loop;

    public override ValueTask WriteAsync(ReadOnlySequence<byte> bytes)
    {
        lock (Writes)
        {
            Writes.Add((bytes.ToArray(), Thread.CurrentThread.Name));
        }

        return default;
    }

    public override ValueTask ShutdownAsync() => default;

    public override void Abort() => _input.Writer.Complete();

    public override ValueTask DisposeAsync() => default;
}
