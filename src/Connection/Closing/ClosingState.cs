using System.Net.WebSockets;

using RawSocketChat.Adapters;

namespace RawSocketChat;

/// <summary>
/// What a connection knows of its end, and of what leaves its end to others. Made when the end begins, or when somebody wants to be told of it:
/// an idle connection is to be small.
/// </summary>
/// <remarks>Its lock is itself, and is the connection's: nobody outside the connection has a reference.</remarks>
internal sealed class ClosingState
{
    private volatile WebSocketClosure? _closure;
    private volatile bool _isAborted;
    private volatile bool _isLeftToUser;
    private TaskCompletionSource? _whenReadingEnded;

    /// <summary>How and why the connection ended. Set under the lock; for any thread.</summary>
    public WebSocketClosure? Closure
    {
        get => _closure;
        set => _closure = value;
    }

    /// <summary>Whether the connection was cut. For any thread.</summary>
    public bool IsAborted
    {
        get => _isAborted;
        set => _isAborted = value;
    }

    /// <summary>Whether the peer's close frame is the user's to answer. For any thread.</summary>
    public bool IsLeftToUser
    {
        get => _isLeftToUser;
        set => _isLeftToUser = value;
    }

    /// <summary>The close frame that was sent.</summary>
    public (WebSocketCloseStatus Status, string Reason)? Sent { get; set; }

    /// <summary>The close frame that has come.</summary>
    public (WebSocketCloseStatus Status, string Reason)? Received { get; set; }

    /// <summary>Whether only sending was ended, and receiving is to go on.</summary>
    public bool IsHalfClosed { get; set; }

    /// <summary>For callers that wait for the end.</summary>
    public TaskCompletionSource? Closed { get; set; }

    /// <summary>For the token that is cancelled at the end.</summary>
    public CancellationTokenSource? ClosedSource { get; set; }

    /// <summary>Ends the wait for the peer.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>The end of TCP.</summary>
    public Task? Teardown { get; set; }

    /// <summary>For everybody who disposes of the connection after the first.</summary>
    public TaskCompletionSource? Disposal { get; set; }

    /// <summary>For whoever waits until nobody reads any more; null where nobody does. For any thread.</summary>
    public TaskCompletionSource? WhenReadingEnded => Volatile.Read(ref _whenReadingEnded);

    /// <summary>The adapter whose caller answers the peer's close frame.</summary>
    public ConnectionWebSocket? WebSocket { get; set; }

    /// <summary>From here on there is a <see cref="WhenReadingEnded"/>.</summary>
    public TaskCompletionSource WaitForReadingEnded() =>
        WhenReadingEnded
        ?? Interlocked.CompareExchange(ref _whenReadingEnded, new(TaskCreationOptions.RunContinuationsAsynchronously), null)
        ?? _whenReadingEnded;
}
