using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

using RawSocketChat.EndToEnd.Tests.Support;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>The chat client as a program, against the chat host as a program.</summary>
public sealed class Chat_in_a_terminal
{
    [Test]
    public async Task Two_scripts_talk_and_each_sees_every_line_once()
    {
        await using var host = StartHost();
        var server = await host.ListeningAsync();
        await using var ming = HostProcess.StartSample("ChatClient", $"{server}", "--name", "小明");
        await ReadUntilAsync(ming, "* guest-1 is now 小明.");
        await using var bob = HostProcess.StartSample("ChatClient", $"{server}", "--name", "bob");
        await ReadUntilAsync(ming, " is now bob.");

        await ming.WriteLineAsync("你好 😀 [red]");
        await ReadUntilAsync(bob, " 小明: 你好 😀 [red]");
        await bob.WriteLineAsync("hi");
        bob.EndInput();
        (await bob.ExitAsync()).Should().Be(0, bob.Errors);

        var seen = await ReadUntilAsync(ming, "* bob left.");
        seen.Where(line => line.EndsWith(" 小明: 你好 😀 [red]", StringComparison.Ordinal)).Should().ContainSingle();
        seen.Where(line => line.EndsWith(" bob: hi", StringComparison.Ordinal)).Should().ContainSingle();
        (await ReadAllAsync(bob)).Where(line => line.EndsWith(" bob: hi", StringComparison.Ordinal)).Should().ContainSingle();
        ming.EndInput();
        (await ming.ExitAsync()).Should().Be(0, ming.Errors);
    }

    [TestCase("TERM")]
    [TestCase("INT")]
    public async Task A_signal_closes_with_1000_and_exits_with_0(string signal)
    {
        var closed = new TaskCompletionSource<WebSocketCloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new WebSocketServer(new(), async (connection, stopping) =>
        {
            await foreach (var message in connection.ReadAllAsync(stopping))
            {
                await connection.SendAsync("""{"text":"you are there","type":"rename"}""", stopping);
            }

            closed.TrySetResult(connection.CloseStatus);
        });
        await server.StartAsync();
        await using var client = HostProcess.StartSample("ChatClient", $"ws://{server.LocalEndPoint}/", "--name", "bob");
        await ReadUntilAsync(client, "you are there");

        await client.SignalAsync(signal);

        (await client.ExitAsync()).Should().Be(0, client.Errors);
        (await closed.Task.WaitAsync(TimeSpan.FromSeconds(60))).Should().Be(WebSocketCloseStatus.NormalClosure);
    }

    [Test]
    public async Task After_a_restart_of_the_server_the_name_is_told_again()
    {
        var first = StartHost();
        Uri server;
        HostProcess client;
        await using (first)
        {
            server = await first.ListeningAsync();
            client = HostProcess.StartSample("ChatClient", $"{server}", "--name", "bob");
            await ReadUntilAsync(client, " is now bob.");
            await first.SignalAsync("TERM");
            await first.ExitAsync();
        }

        await using (client)
        {
            await client.ErrorsContainAsync("retry in", times: 1);
            await using var second = StartHost("--port", $"{server.Port}");
            await second.ListeningAsync();
            await ReadUntilAsync(client, " is now bob.");
            await client.WriteLineAsync("again");
            await ReadUntilAsync(client, " bob: again");
            client.EndInput();
            (await client.ExitAsync()).Should().Be(0, client.Errors);
        }
    }

    [Test]
    public async Task A_script_whose_lines_are_lost_is_told_and_exits_with_1()
    {
        await using var server = new WebSocketServer(new(), async (connection, stopping) =>
        {
            await connection.ReceiveAsync(stopping);
            connection.Abort();
        });
        await server.StartAsync();
        await using var client = HostProcess.StartSample("ChatClient", $"ws://{server.LocalEndPoint}/");

        await client.WriteLineAsync("into the dark");
        await client.ErrorsContainAsync("not known to have arrived: 1 of the lines sent", times: 1);
        client.EndInput();

        (await client.ExitAsync()).Should().Be(1);
    }

    [Test]
    public async Task A_script_whose_line_is_refused_exits_with_1()
    {
        await using var host = StartHost();
        await using var client = HostProcess.StartSample("ChatClient", $"{await host.ListeningAsync()}");

        await client.WriteLineAsync(new('x', 5000));
        client.EndInput();

        (await client.ExitAsync()).Should().Be(1);
        (await ReadAllAsync(client)).Should().Contain(line => line.Contains(" ! Too long", StringComparison.Ordinal));
    }

    [Test]
    public async Task Output_that_cannot_be_written_is_one_line_and_exit_status_1()
    {
        await using var host = StartHost();
        var server = await host.ListeningAsync();
        var program = Path.Combine(TestContext.CurrentContext.TestDirectory, "ChatClient.dll");
        await using var client = HostProcess.Start("sh", "-c", $"exec dotnet '{program}' {server} > /dev/full");

        (await client.ExitAsync()).Should().Be(1);
        client.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().Contain(line => line.StartsWith("standard output: ", StringComparison.Ordinal));
    }

    [Test]
    public async Task Nobody_speaks_with_the_server_s_voice()
    {
        await using var host = StartHost();
        var server = await host.ListeningAsync();
        await using var client = HostProcess.StartSample("ChatClient", $"{server}", "--name", "# server");

        await client.WriteLineAsync("log in again");

        await ReadUntilAsync(client, @" \u0023 server: log in again");
        client.EndInput();
        (await client.ExitAsync()).Should().Be(0, client.Errors);
    }

    [TestCase("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "403")]
    [TestCase("220 mail.example ESMTP\r\n\r\n", "HTTP")]
    public async Task A_server_that_means_no_is_one_line_and_exit_status_1(string answer, string reason)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = $"ws://{listener.LocalEndpoint}/";
        await using var client = HostProcess.StartSample("ChatClient", server);
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var connection = await listener.AcceptTcpClientAsync(bound.Token);
        // The whole request first: an unread one would turn the end into a reset.
        var request = new byte[4096];
        var received = 0;
        while (!request.AsSpan(0, received).EndsWith("\r\n\r\n"u8))
        {
            received += await connection.GetStream().ReadAsync(request.AsMemory(received), bound.Token);
        }

        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), bound.Token);

        (await client.ExitAsync()).Should().Be(1);
        client.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Should().ContainSingle()
            .Which.Should().StartWith($"{server}: ").And.Contain(reason);
    }

    [TestCase("ftp://127.0.0.1/")]
    [TestCase("ws://me@127.0.0.1/")]
    [TestCase("nonsense")]
    public async Task A_wrong_address_is_one_clear_line_and_exit_status_1(string address)
    {
        await using var client = HostProcess.StartSample("ChatClient", address);

        (await client.ExitAsync()).Should().Be(1);
        client.Errors.Should().Be($"ADDRESS: \"{address}\" is not a ws:// or wss:// URL.{Environment.NewLine}");
    }

    [Test]
    public async Task Over_TLS_a_certificate_that_is_not_trusted_is_refused_unless_any_will_do()
    {
        using var chain = new TestCertificateChain();
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(
                file, new X509Certificate2Collection { chain.Leaf, chain.Intermediate, chain.Root }.Export(X509ContentType.Pkcs12)!);
            await using var host = StartHost("--port", "0", "--tls-cert", file);
            var server = await host.ListeningAsync();
            server.Scheme.Should().Be("wss");

            await using var careful = HostProcess.StartSample("ChatClient", $"{server}");
            (await careful.ExitAsync()).Should().Be(1);
            careful.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..].Should().ContainSingle()
                .Which.Should().StartWith($"{server}: ").And.Contain("certificate");

            await using var careless = HostProcess.StartSample("ChatClient", $"{server}", "--insecure", "--name", "bob");
            await careless.WriteLineAsync("你好");
            await ReadUntilAsync(careless, " bob: 你好");
            careless.EndInput();
            (await careless.ExitAsync()).Should().Be(0, careless.Errors);
            careless.Errors.Should().StartWith("warning: --insecure: ");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test]
    public async Task In_a_terminal_the_line_that_is_typed_stays_while_messages_arrive()
    {
        await using var host = StartHost();
        var server = await host.ListeningAsync();
        var program = Path.Combine(TestContext.CurrentContext.TestDirectory, "ChatClient.dll");
        await using var terminal = HostProcess.Start(
            "script", "-qfec", $"stty cols 80 rows 24 -echo; exec dotnet '{program}' {server} --name 小明", "/dev/null");
        var screen = new TerminalScreen();
        await SeeAsync(terminal, screen, () => screen.Row == "小明>");
        await terminal.TypeAsync("你好 👨‍👩‍👧x");
        await SeeAsync(terminal, screen, () => screen.Row == "小明> 你好 👨‍👩‍👧x");

        await using var bob = HostProcess.StartSample("ChatClient", $"{server}", "--name", "bob");
        await bob.WriteLineAsync("\u001b[2J[red]");
        await SeeAsync(terminal, screen, () => Ends(screen, @" bob: \u001b[2J[red]") && screen.Row == "小明> 你好 👨‍👩‍👧x");
        screen.Column.Should().Be(14);

        await terminal.TypeAsync("\u001b[D\u007f");
        await SeeAsync(terminal, screen, () => screen is { Row: "小明> 你好 x", Column: 11 });
        await terminal.TypeAsync("\u001b[200~a\rb\u001b[201~");
        await SeeAsync(terminal, screen, () => screen.Row == "小明> 你好 a⏎bx");
        await terminal.TypeAsync("\r");
        await SeeAsync(terminal, screen, () => Ends(screen, @"» 小明: 你好 a\u000abx") && screen.Row == "小明>");
        await terminal.TypeAsync("/dance\r");
        await SeeAsync(terminal, screen, () => screen.Rows.Any(row => row.Contains("there is no command /dance", StringComparison.Ordinal)));
        await terminal.TypeAsync("/name 小红\r");
        await SeeAsync(terminal, screen, () => screen.Row == "小红>");

        await host.SignalAsync("TERM");
        await SeeAsync(terminal, screen, () => screen.Row.StartsWith("(lost: retry in ", StringComparison.Ordinal));
        await terminal.TypeAsync("kept\r");
        await SeeAsync(terminal, screen, () => Ends(screen, "not connected: the line was not sent") && screen.Row.EndsWith("> kept", StringComparison.Ordinal));
        await terminal.TypeAsync("\u0003");
        (await terminal.ExitAsync()).Should().Be(0);
    }

    private static HostProcess StartHost(params string[] switches) =>
        HostProcess.StartSample("ChatHost", [.. switches.Contains("--port") ? switches : ["--port", "0", .. switches], "--announce-every", "0"]);

    private static bool Ends(TerminalScreen screen, string text) => screen.Rows.Any(row => row.EndsWith(text, StringComparison.Ordinal));

    private static async Task SeeAsync(HostProcess terminal, TerminalScreen screen, Func<bool> isSeen)
    {
        while (!isSeen())
        {
            var some = await terminal.ReadSomeAsync();
            some.Should().NotBeEmpty("the program lives; on the screen are {0} and {1}", string.Join('\n', screen.Rows), screen.Row);
            screen.Write(some);
        }
    }

    private static async Task<List<string>> ReadUntilAsync(HostProcess client, string end)
    {
        var lines = new List<string>();
        do
        {
            var line = await client.ReadLineAsync();
            line.Should().NotBeNull("it comes to \"{0}\"; its errors: {1}", end, client.Errors);
            lines.Add(line!);
        }
        while (!lines[^1].EndsWith(end, StringComparison.Ordinal));
        return lines;
    }

    private static async Task<List<string>> ReadAllAsync(HostProcess client)
    {
        var lines = new List<string>();
        while (await client.ReadLineAsync() is { } line)
        {
            lines.Add(line);
        }

        return lines;
    }
}
