using System.Runtime.CompilerServices;

namespace RawSocketChat.Reconnecting;

/// <summary>Where the loop that reads gets one connection after the other.</summary>
internal sealed class SessionFeed
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Session? _current;
    private bool _ended;

    /// <summary>The newest connection; null as long as there has been none.</summary>
    public Session? Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>There is a new connection.</summary>
    public void Publish(Session session) => Change(session, ended: false);

    /// <summary>There will be none any more.</summary>
    public void End() => Change(Current, ended: true);

    /// <summary>The messages of all connections to come, the one that is open included.</summary>
    public async IAsyncEnumerable<WebSocketMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = 0;
        while (await NextAsync(last, cancellationToken).ConfigureAwait(false) is { } session)
        {
            last = session.Number;
            if (!session.TryAttach())
            {
                continue;
            }

            try
            {
                await foreach (var message in session.Connection.ReadAllAsync(cancellationToken).ConfigureAwait(false))
                {
                    yield return message;
                }
            }
            finally
            {
                session.Detach();
            }
        }
    }

    /// <summary>Waits for the first connection.</summary>
    /// <returns>False where there will be none.</returns>
    public async Task<bool> WaitForFirstAsync(CancellationToken cancellationToken) =>
        await NextAsync(0, cancellationToken).ConfigureAwait(false) is not null;

    private async Task<Session?> NextAsync(int after, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task changed;
            lock (_gate)
            {
                if (_current?.Number > after)
                {
                    return _current;
                }

                if (_ended)
                {
                    return null;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Change(Session? session, bool ended)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            (_current, _ended) = (session, ended);
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
