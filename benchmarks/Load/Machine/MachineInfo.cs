using System.Diagnostics;
using System.Runtime.InteropServices;

using RawSocketChat.Load.Servers;

namespace RawSocketChat.Load.Machine;

/// <summary>Where and of what the figures are.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Cores">How many processors there are to use.</param>
/// <param name="Pinned">Whether server and generator had one each.</param>
/// <param name="LoadAverage">How many tasks wanted to run in the minute before: far above zero, others were at work beside.</param>
/// <param name="System">The operating system.</param>
/// <param name="DotNet">The runtime of the .NET servers.</param>
/// <param name="Node">The version of Node.js; null for none.</param>
/// <param name="Commit">What was measured.</param>
internal sealed record MachineInfo(
    string Processor, int Cores, bool Pinned, string LoadAverage, string System, string DotNet, string? Node, string Commit)
{
    /// <summary>Looks; to be called before the run makes a load of its own.</summary>
    public static MachineInfo Read() => new(
        ProcessorName(),
        Processors.Usable.Count,
        Processors.ArePinned,
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown",
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}",
        RuntimeInformation.FrameworkDescription,
        NodePackages.NodeVersion,
        CommitName());

    private static string ProcessorName()
    {
        var lines = File.Exists("/proc/cpuinfo") ? File.ReadAllLines("/proc/cpuinfo") : [];
        var name = lines.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return name?[(name.IndexOf(':') + 1)..].Trim() ?? "unknown";
    }

    private static string CommitName()
    {
        var commit = Git("rev-parse", "--short=12", "HEAD");
        return commit is null ? "unknown" : Git("status", "--porcelain", "--", "src", "benchmarks/BenchServer") is "" ? commit : $"{commit} and changes";
    }

    private static string? Git(params string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Repository.Root,
            })!;
            var text = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? text : null;
        }
        catch (global::System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
