using System.IO.Pipelines;

namespace RawSocketChat.Dialing;

/// <summary>Reading from a transport whose abort is what cancels.</summary>
internal static class InputReading
{
    /// <summary>Reads once. A transport that was aborted shows it as a failure, or as a cancelled read.</summary>
    public static async ValueTask<ReadResult> ReadOnceAsync(this Transport transport, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var result = await transport.Input.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            if (!result.IsCanceled)
            {
                return result;
            }

            transport.Input.AdvanceTo(result.Buffer.Start);
        }
    }
}
