using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

using RawSocketChat.Interop.Tests.Support;

namespace RawSocketChat.Interop.Tests.Packaging;

public partial class A_fresh_project
{
    private const string Id = "RawSocketChat.Server";

    [Test]
    public async Task Runs_the_echo_server_of_the_readme_from_the_packages()
    {
        var root = Directory.CreateDirectory(Path.Combine(PackedPackages.Scratch, "consumer")).FullName;
        var project = Path.Combine(root, "Fresh");
        var cache = Path.Combine(root, "restored");

        // Added to the sources that the user has: what the packages depend on comes from there.
        await File.WriteAllTextAsync(
            Path.Combine(root, "nuget.config"),
            $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{PackedPackages.Folder}" />
              </packageSources>
            </configuration>
            """);
        await DotNet.RunAsync(root, ["new", "console", "--name", "Fresh", "--no-restore"], cache);
        await DotNet.RunAsync(project, ["add", "package", Id, "--version", PackedPackages.Version], cache);
        var port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), EchoServerOfTheReadme(port));
        await DotNet.RunAsync(project, ["build", "-c", "Release", "-warnaserror"], cache);
        await AssertThatThePackedOneWasRestoredAsync(cache);

        using var server = ChildProcess.Start("dotnet", [Path.Combine("bin", "Release", "net10.0", "Fresh.dll")], project);
        using var client = await ConnectAsync(server, port);
        using var cut = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await client.SendAsync(Encoding.UTF8.GetBytes("你好 👋"), WebSocketMessageType.Text, endOfMessage: true, cut.Token);
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer, cut.Token);

        Encoding.UTF8.GetString(buffer, 0, received.Count).Should().Be("你好 👋", server.Output);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cut.Token);
        client.CloseStatus.Should().Be(WebSocketCloseStatus.NormalClosure, server.Output);
    }

    // The first C# block, word for word but for the port, which somebody else may be using.
    private static string EchoServerOfTheReadme(int port)
    {
        var block = CSharpBlock().Match(File.ReadAllText(Path.Combine(Repository.Root, "README.md")));
        block.Success.Should().BeTrue("the README shows an echo server");
        var source = block.Groups["source"].Value;
        source.Should().Contain("Port = 9001");
        return source.Replace("Port = 9001", $"Port = {port}", StringComparison.Ordinal);
    }

    // A package of this id and version may be known elsewhere too.
    private static async Task AssertThatThePackedOneWasRestoredAsync(string cache)
    {
        var name = Id.ToLowerInvariant();
        var restored = await File.ReadAllTextAsync(
            Path.Combine(cache, name, PackedPackages.Version, $"{name}.{PackedPackages.Version}.nupkg.sha512"));
        restored.Trim().Should().Be(Convert.ToBase64String(SHA512.HashData(await File.ReadAllBytesAsync(PackedPackages.PathOf(Id)))));
    }

    // The program says nothing when it is ready, so it is asked until it answers.
    private static async Task<ClientWebSocket> ConnectAsync(ChildProcess server, int port)
    {
        using var cut = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var client = new ClientWebSocket();
            try
            {
                await client.ConnectAsync(new($"ws://127.0.0.1:{port}/"), cut.Token);
                return client;
            }
            catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
            {
                client.Dispose();
                if (server.HasExited || cut.IsCancellationRequested)
                {
                    Assert.Fail($"The echo server of the README does not answer: {failure.Message}\n{server.Output}");
                }

                await Task.Delay(50);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("^```csharp\r?\n(?<source>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
