using System.Diagnostics.CodeAnalysis;

namespace RawSocketChat.Adapters;

/// <summary>
/// What ends a pipe's wait without an exception: the pending one, or, where none is pending, the next. For one waiter at a time; it may be
/// requested by any thread.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer or a wait handle holds nothing that must be given back.")]
internal sealed class Interruption
{
    private readonly object _gate = new();
    private CancellationTokenSource _source = new();
    private bool _isRequested;

    /// <summary>Is cancelled by the next request.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_gate)
            {
                return _source.Token;
            }
        }
    }

    /// <summary>Ends the wait.</summary>
    public void Request()
    {
        CancellationTokenSource source;
        lock (_gate)
        {
            if (_isRequested)
            {
                return;
            }

            _isRequested = true;
            source = _source;
        }

        source.Cancel();
    }

    /// <summary>Whether it was requested; asking takes the request back.</summary>
    public bool Take()
    {
        lock (_gate)
        {
            if (!_isRequested)
            {
                return false;
            }

            _isRequested = false;
            _source = new();
            return true;
        }
    }
}
