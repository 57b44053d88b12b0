using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests.Packaging;

/// <summary>The SDK's command line, as a user would type it.</summary>
public static class DotNet
{
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["DOTNET_NOLOGO"] = "1",
        ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
        ["DOTNET_CLI_UI_LANGUAGE"] = "en",
        // A build node or a compiler that stays would keep the pipe open that its output goes to.
        ["MSBUILDDISABLENODEREUSE"] = "1",
        ["UseSharedCompilation"] = "false",
        // Whether others' packages have known holes changes from day to day; it is not asked here.
        ["NuGetAudit"] = "false",
    };

    /// <summary>Runs a command to its end, which must be a good one.</summary>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="packageCache">Where restored packages go; the user's own folder if null.</param>
    /// <returns>What it wrote.</returns>
    public static Task<string> RunAsync(string folder, string[] arguments, string? packageCache = null)
    {
        var environment = new Dictionary<string, string>(Environment);
        if (packageCache is not null)
        {
            environment["NUGET_PACKAGES"] = packageCache;
        }

        return ChildProcess.RunAsync("dotnet", arguments, folder, environment);
    }
}
