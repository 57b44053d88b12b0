using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace RawSocketChat.Receiving;

/// <summary>A reader that others wrote, of which an awaiter is all that there is to wait by.</summary>
internal sealed class ForeignInput(PipeReader reader) : IInput
{
    private ConfiguredValueTaskAwaitable<ReadResult>.ConfiguredValueTaskAwaiter _read;
    private Action? _onRead;
    private Action<object?>? _continuation;
    private object? _state;

    /// <inheritdoc/>
    public ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = reader.ReadAsync(cancellationToken);
        if (!read.IsCompleted)
        {
            _read = read.ConfigureAwait(false).GetAwaiter();
        }

        return read;
    }

    /// <inheritdoc/>
    public void OnRead(Action<object?> continuation, object state)
    {
        (_continuation, _state) = (continuation, state);
        _read.UnsafeOnCompleted(_onRead ??= () => _continuation!(_state));
    }

    /// <inheritdoc/>
    public ReadResult GetRead() => _read.GetResult();
}
