namespace RawSocketChat.Reconnecting;

/// <summary>A message that waits for a connection, and its sender that waits for it.</summary>
internal sealed class QueuedMessage(OutgoingMessage message, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource _handed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when a connection has it; fails where none will.</summary>
    public Task Handed => _handed.Task;

    /// <summary>The sender's token.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Hands it over. Once: whatever becomes of it, the sender is told, and it is not sent again.</summary>
    public async Task HandToAsync(WebSocketConnection connection)
    {
        try
        {
            await message.SendToAsync(connection, cancellationToken).ConfigureAwait(false);
            _handed.TrySetResult();
        }
        catch (OperationCanceledException cancelled)
        {
            _handed.TrySetCanceled(cancelled.CancellationToken);
        }
        catch (Exception failure)
        {
            _handed.TrySetException(failure);
        }
    }

    public void Cancel() => _handed.TrySetCanceled(cancellationToken);

    public void Fail(Exception failure) => _handed.TrySetException(failure);
}
