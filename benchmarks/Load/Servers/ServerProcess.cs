using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;

using RawSocketChat.Load.Machine;

namespace RawSocketChat.Load.Servers;

/// <summary>A server as a process of its own, on a processor of its own. Disposing stops it: first by asking, then by its id.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(5);
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero });

    private readonly Process _process;
    private readonly StringBuilder _errors = new();

    private ServerProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>The port that it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>What it has written to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString().Trim();
            }
        }
    }

    /// <summary>The processor time that it has taken.</summary>
    public double CpuSeconds => CpuClock.OfProcess(Id);

    /// <summary>The memory that it has in the machine's: resident set size.</summary>
    public long ResidentBytes
    {
        get
        {
            // /proc/PID/statm counts pages: the second number is what is resident.
            var pages = long.Parse(File.ReadAllText($"/proc/{Id}/statm").Split(' ')[1], CultureInfo.InvariantCulture);
            return pages * Environment.SystemPageSize;
        }
    }

    /// <summary>Starts a server and waits until it listens.</summary>
    /// <param name="spec">Which one.</param>
    /// <param name="stop">Ends the waiting, and the server.</param>
    /// <param name="environment">Variables to set for it; null for none.</param>
    /// <returns>The server.</returns>
    /// <exception cref="IOException">It did not start.</exception>
    public static async Task<ServerProcess> StartAsync(
        ServerSpec spec, CancellationToken stop, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (program, arguments) = spec.Command;
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(Repository.Root, "benchmarks", spec.Project),
        };

        // On the one processor that it gets, .NET's runtime would wait ten times as long before it compiles anew what is hot: what is part of
        // the framework came compiled, and everything else would be measured before it is at its best.
        start.Environment["DOTNET_TC_DelaySingleProcMultiplier"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var server = new ServerProcess(StartPinned(start));
        try
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(stop);
            bound.CancelAfter(StartPatience);
            server.Port = await server.ReadPortAsync(spec, bound.Token);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks it about its memory.</summary>
    /// <param name="collect">Whether it is to collect its garbage first.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <returns>What it has told.</returns>
    public async Task<ServerStats> AskAsync(bool collect, CancellationToken stop) =>
        await Http.GetFromJsonAsync<ServerStats>($"http://127.0.0.1:{Port}/stats{(collect ? "?collect" : string.Empty)}", stop)
            ?? throw new InvalidDataException("The server tells nothing about itself.");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var ask = Process.Start("kill", ["-TERM", $"{Id}"]);
            await ask.WaitForExitAsync();
            using var bound = new CancellationTokenSource(StopPatience);
            try
            {
                await _process.WaitForExitAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }

        _process.Dispose();
    }

    // A process inherits the processors of the thread that starts it, and its runtime counts them before it decides on its threads.
    private static Process StartPinned(ProcessStartInfo start)
    {
        Process? process = null;
        var starter = new Thread(() =>
        {
            Processors.Pin(Processors.Server);
            process = Process.Start(start);
        });
        starter.Start();
        starter.Join();
        return process ?? throw new IOException($"{start.FileName} did not start.");
    }

    private async Task<int> ReadPortAsync(ServerSpec spec, CancellationToken stop)
    {
        const string Prefix = "listening on ";
        var line = await _process.StandardOutput.ReadLineAsync(stop);
        if (line is null || !line.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new IOException($"{spec.Name} did not start: {line ?? Errors}");
        }

        // What it says besides, if anything, must not fill the pipe and stop it.
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        return new Uri(line[Prefix.Length..]).Port;
    }
}
