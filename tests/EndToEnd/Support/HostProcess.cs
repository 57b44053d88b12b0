using System.Diagnostics;
using System.Text;

namespace RawSocketChat.EndToEnd.Tests.Support;

/// <summary>A program as a process of its own, whatever way it ends; the one that a test forgets is killed by its id.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly SemaphoreSlim _errorsChanged = new(0);
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HostProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                _errorsEnded.TrySetResult();
                return;
            }

            lock (_errors)
            {
                _errors.AppendLine(line.Data);
            }

            _errorsChanged.Release();
        };
        process.Start();
        process.BeginErrorReadLine();
    }

    public string Errors
    {
        get
        {
            lock (_errors)
            {
                return _errors.ToString();
            }
        }
    }

    /// <summary>Starts a .NET program that was built along with the tests.</summary>
    public static HostProcess StartSample(string name, params string[] arguments) =>
        Start("dotnet", [Path.Combine(TestContext.CurrentContext.TestDirectory, $"{name}.dll"), .. arguments]);

    /// <summary>Starts a program.</summary>
    public static HostProcess Start(string program, params string[] arguments) => new(new Process
    {
        StartInfo = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        },
    });

    /// <summary>Waits until a text has come on standard error so many times.</summary>
    public async Task ErrorsContainAsync(string text, int times)
    {
        using var bound = new CancellationTokenSource(Bound);
        while (Errors.Split(text).Length <= times)
        {
            _process.HasExited.Should().BeFalse("the process lives; its errors: {0}", Errors);
            bound.Token.ThrowIfCancellationRequested();
            await _errorsChanged.WaitAsync(bound.Token);
        }
    }

    /// <summary>The next line of standard output; null at its end.</summary>
    public async Task<string?> ReadLineAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        return await _process.StandardOutput.ReadLineAsync(bound.Token);
    }

    /// <summary>What has come on standard output, a part of a line as well; empty at its end.</summary>
    public async Task<string> ReadSomeAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        var buffer = new char[4096];
        return new(buffer, 0, await _process.StandardOutput.ReadAsync(buffer, bound.Token));
    }

    /// <summary>Types into a program that reads keys.</summary>
    public async Task TypeAsync(string keys)
    {
        await _process.StandardInput.WriteAsync(keys);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for the line that says where the server listens.</summary>
    public async Task<Uri> ListeningAsync()
    {
        var line = await ReadLineAsync();
        line.Should().StartWith("listening on ", "the server says so when it is ready; its errors: {0}", Errors);
        return new(line!["listening on ".Length..]);
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Ends its standard input.</summary>
    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Sends a signal by its name.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit status.</returns>
    public async Task<int> ExitAsync()
    {
        using var bound = new CancellationTokenSource(Bound);
        await _process.WaitForExitAsync(bound.Token);
        await _errorsEnded.Task.WaitAsync(Bound);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _errorsChanged.Dispose();
    }
}
