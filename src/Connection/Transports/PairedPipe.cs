using System.IO.Pipelines;

namespace RawSocketChat;

/// <summary>One end of a network in memory.</summary>
internal sealed class PairedPipe : IDuplexPipe
{
    // What may be on the way in one direction before its next write waits: as much as a socket's buffers may hold.
    private const int MostBytesOnTheWay = 64 * 1024;

    private PairedPipe(PipeReader input, PipeWriter output)
    {
        Input = input;
        Output = output;
    }

    /// <inheritdoc/>
    public PipeReader Input { get; }

    /// <inheritdoc/>
    public PipeWriter Output { get; }

    /// <summary>Two ends: what is written into the one is read from the other.</summary>
    public static (PairedPipe One, PairedPipe Other) Create()
    {
        // On the pool: what a test does in its own code never runs the other end's code beneath it.
        var options = new PipeOptions(
            pauseWriterThreshold: MostBytesOnTheWay, resumeWriterThreshold: MostBytesOnTheWay / 2, useSynchronizationContext: false);
        var (up, down) = (new Pipe(options), new Pipe(options));
        return (new(down.Reader, new PairedWriter(up.Writer)), new(up.Reader, new PairedWriter(down.Writer)));
    }
}
