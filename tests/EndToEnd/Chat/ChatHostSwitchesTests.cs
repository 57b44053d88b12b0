using System.Net;
using ChatHost;

namespace RawSocketChat.EndToEnd.Tests.Chat;

public sealed class ChatHostSwitchesTests
{
    [Test]
    public async Task Without_switches_it_listens_where_the_original_chat_does()
    {
        var (status, switches, output, errors) = await Run();

        status.Should().Be(0);
        (output + errors).Should().BeEmpty();
        switches.Should().Be(new ChatHostSwitches
        {
            Address = IPAddress.Loopback,
            Port = 8081,
            AnnounceEvery = TimeSpan.FromSeconds(10),
            AnnounceJitter = TimeSpan.FromSeconds(3),
            AnnounceText = "来自服务器的消息",
            TlsCertificateFile = null,
            Deflates = true,
        });
    }

    [Test]
    public async Task Every_switch_is_heard()
    {
        var (status, switches, _, _) = await Run(
            "--address", "::1", "--port", "0", "--announce-every", "0.5", "--announce-jitter", "0", "--announce-text", "hi",
            "--tls-cert", "a.pfx", "--deflate", "off");

        status.Should().Be(0);
        switches.Should().Be(new ChatHostSwitches
        {
            Address = IPAddress.IPv6Loopback,
            Port = 0,
            AnnounceEvery = TimeSpan.FromSeconds(0.5),
            AnnounceJitter = TimeSpan.Zero,
            AnnounceText = "hi",
            TlsCertificateFile = "a.pfx",
            Deflates = false,
        });
    }

    [Test]
    public async Task Announcing_every_0_seconds_is_never()
    {
        (await Run("--announce-every", "0")).Switches!.AnnounceEvery.Should().BeNull();
    }

    [TestCase("--port", "65536")]
    [TestCase("--port", "-1")]
    [TestCase("--port", "http")]
    [TestCase("--port", "8 1")]
    [TestCase("--address", "localhost")]
    [TestCase("--announce-every", "soon")]
    [TestCase("--announce-every", "-1")]
    [TestCase("--announce-every", "NaN")]
    [TestCase("--announce-jitter", "100000")]
    [TestCase("--deflate", "maybe")]
    public async Task A_wrong_value_is_named_in_one_line(string option, string value)
    {
        var (status, switches, output, errors) = await Run(option, value);

        status.Should().Be(1);
        switches.Should().BeNull();
        output.Should().BeEmpty();
        errors.Should().StartWith($"{option}: \"{value}\" is not ").And.EndWith("." + Environment.NewLine);
        errors.Split(Environment.NewLine).Should().HaveCount(2);
    }

    [TestCase("--prot", "1")]
    [TestCase("--port")]
    [TestCase("--deflate")]
    [TestCase("8081")]
    [TestCase("--port", "1", "--port", "2")]
    [TestCase("a\nb")]
    public async Task A_wrong_switch_is_named_in_one_line(params string[] arguments)
    {
        var (status, switches, output, errors) = await Run(arguments);

        status.Should().Be(1);
        switches.Should().BeNull();
        output.Should().BeEmpty();
        errors.Split(Environment.NewLine).Should().HaveCount(2);
    }

    [Test]
    public async Task Help_is_answered_without_starting_anything()
    {
        var (status, switches, output, _) = await Run("--help");

        status.Should().Be(0);
        switches.Should().BeNull();
        output.Should().ContainAll(
            "--address", "--port", "--announce-every", "--announce-jitter", "--announce-text", "--tls-cert", "--deflate");
    }

    private static async Task<(int Status, ChatHostSwitches? Switches, string Output, string Errors)> Run(params string[] arguments)
    {
        ChatHostSwitches? heard = null;
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var status = await ChatHostSwitches.RunAsync(arguments, output, errors, switches =>
        {
            heard = switches;
            return Task.FromResult(0);
        });
        return (status, heard, output.ToString(), errors.ToString());
    }
}
