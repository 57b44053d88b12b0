using System.IO.Pipelines;

namespace RawSocketChat;

/// <summary>
/// A reader whose pending read is awaited without an object of its own: an awaiter would be 56 bytes, and the delegate that it calls 64, in
/// each connection that waits. One read at a time, as with any <see cref="PipeReader"/>.
/// </summary>
internal interface IInput
{
    /// <inheritdoc cref="PipeReader.ReadAsync"/>
    /// <returns>The result; where it is not there yet, what follows is <see cref="OnRead"/>, and the task is left alone.</returns>
    ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>Names what is to run when the pending read has completed; at once, on another thread, where it has.</summary>
    void OnRead(Action<object?> continuation, object state);

    /// <summary>The result of the pending read. Once, by what was named.</summary>
    ReadResult GetRead();
}
