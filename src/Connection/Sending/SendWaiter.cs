using System.Threading.Tasks.Sources;

namespace RawSocketChat.Sending;

/// <summary>A send that waits: for room before it begins, or, where its payload is sent from where it lies, for its last byte.</summary>
internal sealed class SendWaiter : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>The frame to append when there is room, and how.</summary>
    public required OutgoingFrame Frame { get; init; }

    /// <summary>The count of bytes written at which a send that has begun is done.</summary>
    public long Target { get; set; }

    /// <summary>Ends the wait for room when its token is cancelled.</summary>
    public CancellationTokenRegistration Cancellation { get; set; }

    /// <summary>What the sender awaits.</summary>
    public ValueTask Task => new(this, _core.Version);

    /// <summary>The send is done.</summary>
    public void Complete()
    {
        Cancellation.Unregister();
        _core.SetResult(true);
    }

    /// <summary>The send will not be done.</summary>
    public void Fail(Exception failure)
    {
        Cancellation.Unregister();
        _core.SetException(failure);
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
