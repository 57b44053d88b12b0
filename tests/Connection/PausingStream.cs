namespace RawSocketChat.Connection.Tests;

/// <summary>Content that can be read at its beginning, and then only when the test says so.</summary>
internal sealed class PausingStream(byte[] content) : MemoryStream(content)
{
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Go() => _go.TrySetResult();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position > 0)
        {
            await _go.Task;
        }

        return await base.ReadAsync(buffer, cancellationToken);
    }
}
