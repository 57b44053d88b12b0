using System.Buffers;
using System.IO.Pipelines;

namespace RawSocketChat.Connection.Tests;

/// <summary>One direction of a network: what goes in comes out in pieces of any size, and little of it is on the way at a time.</summary>
internal sealed class CuttingPipe
{
    private readonly Pipe _in = new(new(pauseWriterThreshold: 8 * 1024, resumeWriterThreshold: 4 * 1024, useSynchronizationContext: false));
    private readonly Pipe _out = new(new(pauseWriterThreshold: 8 * 1024, resumeWriterThreshold: 4 * 1024, useSynchronizationContext: false));

    public CuttingPipe(int seed) => Done = CarryAsync(new Random(seed));

    public PipeWriter Writer => _in.Writer;

    public PipeReader Reader => _out.Reader;

    public Task Done { get; }

    private async Task CarryAsync(Random random)
    {
        Exception? failure = null;
        try
        {
            while (true)
            {
                var result = await _in.Reader.ReadAsync();
                var length = Math.Min(result.Buffer.Length, random.Next(8) == 0 ? random.Next(1, 20) : random.Next(1, 6000));
                var piece = result.Buffer.Slice(0, length);
                _out.Writer.Write(piece.ToArray());
                _in.Reader.AdvanceTo(piece.End);
                if ((length > 0 && (await _out.Writer.FlushAsync()).IsCompleted) || (result.IsCompleted && length == result.Buffer.Length))
                {
                    break;
                }
            }
        }
        catch (IOException reset)
        {
            failure = reset;
        }

        await _in.Reader.CompleteAsync();
        await _out.Writer.CompleteAsync(failure);
    }
}
