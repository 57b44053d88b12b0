using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

using RawSocketChat.EndToEnd.Tests.Support;
using RawSocketChat.Server.Tests.Support;

namespace RawSocketChat.EndToEnd.Tests;

/// <summary>The chat host as a process, and clients on the npm package <c>ws</c> that know nothing but <c>{"data": …}</c>.</summary>
public sealed class Plain_ws_clients
{
    private static string Script => Path.Combine(Repository.Root, "tests", "EndToEnd", "clients", "chat.mjs");

    [Test]
    public async Task Chat_with_each_other_in_one_order()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        var address = await host.ListeningAsync();
        await using var one = await ConnectAsync(address);
        await using var two = await ConnectAsync(address);

        await one.WriteLineAsync("你好 😀");
        (await NextAsync(two, "chat")).GetProperty("data").GetString().Should().Be("你好 😀");
        var own = await NextAsync(one, "chat");
        own.TryGetProperty("data", out _).Should().BeFalse("the sender has shown its own line already");
        own.GetProperty("text").GetString().Should().Be("你好 😀");
        own.GetProperty("self").GetBoolean().Should().BeTrue();
    }

    [Test]
    public async Task Get_the_announcement()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0.2", "--announce-jitter", "0");
        await using var client = await ConnectAsync(await host.ListeningAsync());

        var announcement = await NextAsync(client, "announcement");
        announcement.GetProperty("data").GetString().Should().Be("来自服务器的消息");
        announcement.GetProperty("from").GetString().Should().Be("server");
    }

    [Test]
    public async Task Are_told_of_bad_json_and_stay_connected()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        var address = await host.ListeningAsync();
        await using var client = await ConnectAsync(address);
        await using var other = await ConnectAsync(address);

        await client.WriteLineAsync("raw this is not JSON");
        (await NextAsync(client, "error")).GetProperty("text").GetString().Should().NotBeNullOrEmpty();
        await client.WriteLineAsync("still here");
        (await NextAsync(other, "chat")).GetProperty("data").GetString().Should().Be("still here");
    }

    [Test]
    public async Task Trust_the_host_by_the_chain_in_its_certificate_file()
    {
        using var chain = new TestCertificateChain();
        var folder = Directory.CreateTempSubdirectory("chat-certificate-");
        try
        {
            var file = Path.Combine(folder.FullName, "server.pfx");
            await File.WriteAllBytesAsync(file, new X509Certificate2Collection { chain.Leaf, chain.Intermediate }.Export(X509ContentType.Pkcs12)!);
            var root = Path.Combine(folder.FullName, "root.pem");
            await File.WriteAllTextAsync(root, chain.Root.ExportCertificatePem());
            await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0", "--tls-cert", file);
            var address = await host.ListeningAsync();
            address.Scheme.Should().Be("wss");

            await using var client = HostProcess.Start("node", Script, address.ToString(), root);

            (await NextAsync(client, "welcome")).GetProperty("count").GetInt32().Should().Be(1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestCase("TERM")]
    [TestCase("INT")]
    public async Task Are_all_closed_with_1001_when_the_host_gets_a_signal_and_it_exits_with_0(string signal)
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        var address = await host.ListeningAsync();
        await using var one = await ConnectAsync(address);
        await using var two = await ConnectAsync(address);

        await host.SignalAsync(signal);

        foreach (var client in new[] { one, two })
        {
            (await NextEventAsync(client, "close")).GetProperty("code").GetInt32().Should().Be(1001);
            (await client.ExitAsync()).Should().Be(0);
        }

        (await host.ExitAsync()).Should().Be(0);
    }

    [Test]
    public async Task Who_goes_on_regardless_is_closed_with_1008()
    {
        await using var host = HostProcess.StartSample("ChatHost", "--port", "0", "--announce-every", "0");
        await using var client = await ConnectAsync(await host.ListeningAsync());

        for (var i = 0; i < 100; i++)
        {
            await client.WriteLineAsync($"flood {i}");
        }

        (await NextEventAsync(client, "close")).GetProperty("code").GetInt32().Should().Be(1008);
    }

    private static async Task<HostProcess> ConnectAsync(Uri address)
    {
        var client = HostProcess.Start("node", Script, address.ToString());
        (await client.ReadLineAsync()).Should().Be("""{"event":"open"}""", "run ./test.sh, which installs the npm packages; {0}", client.Errors);
        await NextAsync(client, "welcome");
        return client;
    }

    private static async Task<JsonElement> NextAsync(HostProcess client, string type)
    {
        while (true)
        {
            var message = (await NextEventAsync(client, "message")).GetProperty("message");
            if (message.GetProperty("type").GetString() == type)
            {
                return message;
            }
        }
    }

    private static async Task<JsonElement> NextEventAsync(HostProcess client, string kind)
    {
        while (true)
        {
            var line = await client.ReadLineAsync();
            line.Should().NotBeNull("a {0} is outstanding; {1}", kind, client.Errors);
            using var document = JsonDocument.Parse(line!);
            if (document.RootElement.GetProperty("event").GetString() == kind)
            {
                return document.RootElement.Clone();
            }
        }
    }
}
