using System.Threading.Tasks.Sources;

namespace RawSocketChat.Benchmarks.Micro.Support;

/// <summary>
/// Gives bytes when they are pushed: a pending read completes inside the push, as it does on the thread that a socket has woken. For one
/// thread.
/// </summary>
internal sealed class PushStream : BenchmarkStream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _pending;
    private Memory<byte> _destination;
    private ReadOnlyMemory<byte> _available;
    private bool _isPending;
    private bool _ended;

    /// <summary>Gives the bytes to the reader, and returns when it waits for more.</summary>
    /// <exception cref="InvalidOperationException">The reader did not take all of them.</exception>
    public void Push(ReadOnlyMemory<byte> bytes)
    {
        _available = bytes;
        if (_isPending)
        {
            _isPending = false;
            _pending.SetResult(Take(_destination));
        }

        if (!_isPending || !_available.IsEmpty)
        {
            throw new InvalidOperationException("The reader does not wait for more.");
        }
    }

    public override void End()
    {
        _ended = true;
        if (_isPending)
        {
            _isPending = false;
            _pending.SetResult(0);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_ended || !_available.IsEmpty)
        {
            return new(Take(buffer));
        }

        _pending.Reset();
        _destination = buffer;
        _isPending = true;
        return new(this, _pending.Version);
    }

    int IValueTaskSource<int>.GetResult(short token) => _pending.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _pending.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _pending.OnCompleted(continuation, state, token, flags);

    private int Take(Memory<byte> destination)
    {
        var length = Math.Min(destination.Length, _available.Length);
        _available[..length].CopyTo(destination);
        _available = _available[length..];
        return length;
    }
}
