using System.ComponentModel;
using System.Diagnostics;

namespace RawSocketChat.Interop.Tests.Support;

/// <summary>A process that a test started: its output is kept, and it never outlives the test.</summary>
public sealed class ChildProcess : IDisposable
{
    // What the surrounding `dotnet test` sets for its own build must not steer another one.
    private static readonly string[] NotInherited =
    [
        "MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBuildLoadMicrosoftTargetsReadOnly", "DOTNET_HOST_PATH",
    ];

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private readonly SemaphoreSlim _changed = new(0);

    private ChildProcess(Process process) => _process = process;

    /// <summary>What it wrote on standard output so far.</summary>
    public IReadOnlyList<string> OutputLines => Snapshot(_output);

    /// <summary>All that it wrote so far, for a failure message.</summary>
    public string Output =>
        $"""
        --- standard output
        {Tail(OutputLines)}
        --- standard error
        {Tail(Snapshot(_errors))}
        """;

    /// <summary>Starts a process without a shell.</summary>
    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in NotInherited)
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, line) => child.Keep(child._output, line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Keep(child._errors, line.Data);
        try
        {
            child._process.Start();
        }
        catch (Win32Exception failure)
        {
            child._process.Dispose();
            throw new AssertionException($"{program} cannot be started ({failure.Message}): run ./test.sh, which installs what is missing.");
        }

        child._process.StandardInput.Close();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for its end; after that time it is ended and the test fails.</summary>
    /// <returns>Its exit status.</returns>
    public async Task<int> WaitAsync(TimeSpan limit)
    {
        using var cut = new CancellationTokenSource(limit);
        try
        {
            await _process.WaitForExitAsync(cut.Token);
        }
        catch (OperationCanceledException)
        {
            End();
            Assert.Fail($"{_process.StartInfo.FileName} had not ended after {limit.TotalSeconds} s.\n{Output}");
        }

        return _process.ExitCode;
    }

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    /// <returns>What it wrote.</returns>
    public static async Task<string> RunAsync(
        string program, IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var child = Start(program, arguments, folder, environment);
        var status = await child.WaitAsync(TimeSpan.FromMinutes(5));
        if (status != 0)
        {
            Assert.Fail($"{program} {string.Join(' ', child._process.StartInfo.ArgumentList)} ended with status {status}.\n{child.Output}");
        }

        return child.Output;
    }

    /// <summary>Waits for a line that holds a text, on either output; where it ends before, or writes none in time, the test fails.</summary>
    /// <returns>The first such line.</returns>
    public async Task<string> LineAsync(string text) =>
        await TryLineAsync(text) ?? throw new AssertionException($"{_process.StartInfo.FileName} ended without saying \"{text}\".\n{Output}");

    /// <summary>The same; null where it ends before.</summary>
    public async Task<string?> TryLineAsync(string text)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var ended = _process.HasExited;
            if (ended)
            {
                // What it wrote last is still on its way.
                await _process.WaitForExitAsync(bound.Token);
            }

            var line = Snapshot(_output).Concat(Snapshot(_errors)).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
            if (line is not null || ended)
            {
                return line;
            }

            await _changed.WaitAsync(bound.Token);
        }
    }

    /// <summary>Whether it has ended by itself.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Ends the process, by its id, and those that it started, if it has not ended.</summary>
    public void Dispose()
    {
        End();
        _process.Dispose();
    }

    private void End()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
    }

    private void Keep(List<string> lines, string? line)
    {
        if (line is not null)
        {
            lock (_gate)
            {
                lines.Add(line);
            }
        }

        // The end of an output is news as well.
        _changed.Release();
    }

    private string[] Snapshot(List<string> lines)
    {
        lock (_gate)
        {
            return [.. lines];
        }
    }

    private static string Tail(IReadOnlyList<string> lines) => string.Join('\n', lines.TakeLast(100));
}
