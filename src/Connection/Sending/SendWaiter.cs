using System.Threading.Tasks.Sources;

namespace RawSocketChat.Sending;

/// <summary>A send that waits: for room before it begins, or, where its payload is sent from where it lies, for its last byte.</summary>
/// <param name="backlog">Gets the waiter back when its task was awaited.</param>
internal sealed class SendWaiter(SendBacklog backlog) : IValueTaskSource
{
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private LinkedListNode<SendWaiter>? _node;

    /// <summary>Its place among those that wait.</summary>
    public LinkedListNode<SendWaiter> Node => _node ??= new(this);

    /// <summary>The frame to append when there is room, and how.</summary>
    public OutgoingFrame Frame { get; set; }

    /// <summary>The count of payloads written at which a send that has begun is done.</summary>
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

    void IValueTaskSource.GetResult(short token)
    {
        _core.GetResult(token);

        // A cancellation that is on its way would find another's wait here.
        if (Cancellation == default)
        {
            _core.Reset();
            backlog.TakeBack(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
