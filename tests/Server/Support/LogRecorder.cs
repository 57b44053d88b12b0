using Microsoft.Extensions.Logging;

namespace RawSocketChat.Server.Tests.Support;

/// <summary>Keeps what a server logs, and tells when it has.</summary>
internal sealed class LogRecorder : ILoggerFactory, ILogger
{
    public const int Listening = 1;
    public const int CutAtStop = 3;
    public const int LeftBehind = 4;
    public const int HandshakeRefused = 12;
    public const int HandshakeFailed = 13;
    public const int HookFailed = 14;
    public const int Opened = 20;
    public const int Closed = 21;
    public const int HandlerFailed = 22;
    public const int ConnectionFailed = 23;
    public const int SlowConsumerClosed = 30;
    public const int PeriodicBroadcastFailed = 31;
    public const int HandlerBlocks = 200;

    private readonly Lock _gate = new();
    private readonly List<(int Id, string Text, Exception? Exception)> _lines = [];
    private readonly List<(int Id, int Count, TaskCompletionSource Done)> _waiting = [];

    public int Count(int id)
    {
        lock (_gate)
        {
            return _lines.Count(line => line.Id == id);
        }
    }

    public IReadOnlyList<(int Id, string Text, Exception? Exception)> Of(int id)
    {
        lock (_gate)
        {
            return [.. _lines.Where(line => line.Id == id)];
        }
    }

    /// <summary>Waits until an event was logged so many times.</summary>
    public Task WaitForAsync(int id, int count = 1)
    {
        lock (_gate)
        {
            if (_lines.Count(line => line.Id == id) >= count)
            {
                return Task.CompletedTask;
            }

            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((id, count, done));
            return done.Task.Soon();
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_gate)
        {
            _lines.Add((eventId.Id, formatter(state, exception), exception));
            var count = _lines.Count(line => line.Id == eventId.Id);
            foreach (var (_, _, done) in _waiting.Where(wait => wait.Id == eventId.Id && wait.Count <= count))
            {
                done.TrySetResult();
            }
        }
    }
}
